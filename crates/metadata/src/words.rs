//! The words of the EXIF standard for its numbers: CIPA DC-008-2019 (EXIF 2.32), 4.6.5, under each tag.

/// Flash (9209.H). The texts are those of the standard's list, and for the other values that cameras are known to write
/// (08, 14, 50 and 58.H) what their bits mean, in the same words.
pub fn flash(value: u32) -> String {
    let text = match value {
        0x00 => "Flash did not fire",
        0x01 => "Flash fired",
        0x05 => "Strobe return light not detected",
        0x07 => "Strobe return light detected",
        0x08 => "Flash did not fire, compulsory flash mode",
        0x09 => "Flash fired, compulsory flash mode",
        0x0d => "Flash fired, compulsory flash mode, return light not detected",
        0x0f => "Flash fired, compulsory flash mode, return light detected",
        0x10 => "Flash did not fire, compulsory flash mode",
        0x14 => "Flash did not fire, compulsory flash mode, return light not detected",
        0x18 => "Flash did not fire, auto mode",
        0x19 => "Flash fired, auto mode",
        0x1d => "Flash fired, auto mode, return light not detected",
        0x1f => "Flash fired, auto mode, return light detected",
        0x20 => "No flash function",
        0x41 => "Flash fired, red-eye reduction mode",
        0x45 => "Flash fired, red-eye reduction mode, return light not detected",
        0x47 => "Flash fired, red-eye reduction mode, return light detected",
        0x49 => "Flash fired, compulsory flash mode, red-eye reduction mode",
        0x4d => "Flash fired, compulsory flash mode, red-eye reduction mode, return light not detected",
        0x4f => "Flash fired, compulsory flash mode, red-eye reduction mode, return light detected",
        0x50 => "Flash did not fire, compulsory flash mode, red-eye reduction mode",
        0x58 => "Flash did not fire, auto mode, red-eye reduction mode",
        0x59 => "Flash fired, auto mode, red-eye reduction mode",
        0x5d => "Flash fired, auto mode, return light not detected, red-eye reduction mode",
        0x5f => "Flash fired, auto mode, return light detected, red-eye reduction mode",
        _ => return unknown(value),
    };
    text.to_owned()
}

/// MeteringMode (9207.H).
pub fn metering_mode(value: u32) -> String {
    word(value, &["Unknown", "Average", "CenterWeightedAverage", "Spot", "MultiSpot", "Pattern", "Partial"])
        .or_else(|| (value == 255).then_some("Other"))
        .map_or_else(|| unknown(value), str::to_owned)
}

/// Contrast (A408.H).
pub fn contrast(value: u32) -> String {
    word(value, &["Normal", "Soft", "Hard"]).map_or_else(|| unknown(value), str::to_owned)
}

/// Saturation (A409.H).
pub fn saturation(value: u32) -> String {
    word(value, &["Normal", "Low saturation", "High saturation"]).map_or_else(|| unknown(value), str::to_owned)
}

/// Sharpness (A40A.H).
pub fn sharpness(value: u32) -> String {
    word(value, &["Normal", "Soft", "Hard"]).map_or_else(|| unknown(value), str::to_owned)
}

fn word(value: u32, words: &[&'static str]) -> Option<&'static str> {
    words.get(value as usize).copied()
}

fn unknown(value: u32) -> String {
    format!("Unknown ({value})")
}

#[cfg(test)]
mod tests {
    use super::{contrast, flash, metering_mode, saturation, sharpness};

    #[test]
    fn numbers_become_the_standard_s_words() {
        assert_eq!(flash(0x18), "Flash did not fire, auto mode");
        assert_eq!(metering_mode(5), "Pattern");
        assert_eq!(metering_mode(255), "Other");
        assert_eq!(contrast(2), "Hard");
        assert_eq!(saturation(1), "Low saturation");
        assert_eq!(sharpness(0), "Normal");
    }

    #[test]
    fn numbers_that_the_standard_does_not_list_stay_numbers() {
        assert_eq!(flash(9969), "Unknown (9969)");
        assert_eq!(metering_mode(7), "Unknown (7)");
        assert_eq!(contrast(u32::MAX), "Unknown (4294967295)");
    }
}
