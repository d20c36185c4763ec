//! Numbers as texts, short: "72", "2.9", "1/250".

/// At most `places` decimals, and none that are 0 at the end.
pub fn decimal(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// An f-number that an APEX value (CIPA DC-008 annex C) stands for. APEX values are rounded themselves, so one decimal
/// is all they hold; two below 1.
pub fn aperture(apex: f64) -> String {
    let f_number = 2_f64.powf(apex / 2.0);
    decimal(f_number, if f_number < 1.0 { 2 } else { 1 })
}

/// Seconds, as cameras show them: "1/250", "0.4", "30". A fraction of one is told where it is true to 0.5 %.
pub fn exposure(secs: f64) -> String {
    let parts = (1.0 / secs).round();
    let is_fraction = (2.0..1e9).contains(&parts) && (1.0 / parts - secs).abs() <= secs * 0.005;
    if is_fraction { format!("1/{parts}") } else { decimal(secs, 4) }
}

#[cfg(test)]
mod tests {
    use super::{aperture, decimal, exposure};

    #[test]
    fn decimals_are_short() {
        for (number, text) in
            [(72.0, "72"), (2.9, "2.9"), (100.0, "100"), (4.25, "4.25"), (0.0, "0"), (57.01900238, "57.019")]
        {
            assert_eq!(decimal(number, 4), text);
        }
        assert_eq!(decimal(-0.00001, 4), "0");
    }

    #[test]
    fn apertures_are_f_numbers() {
        for (apex, text) in [(3.0, "2.8"), (4.0, "4"), (3.1, "2.9"), (0.0, "1"), (-0.15, "0.95")] {
            assert_eq!(aperture(apex), text);
        }
    }

    #[test]
    fn exposures_are_fractions_where_they_are() {
        for (secs, text) in [
            (0.004, "1/250"),
            (0.4, "0.4"),
            (1.0, "1"),
            (1.3, "1.3"),
            (30.0, "30"),
            (1.0 / 3.0, "1/3"),
            (0.0002, "1/5000"),
            (0.0, "0"),
        ] {
            assert_eq!(exposure(secs), text);
        }
    }
}
