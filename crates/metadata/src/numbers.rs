//! Numbers as texts, short: "72", "2.9", "1/250".

/// At most `places` decimals, and none that are 0 at the end, of a number whose product with 10^`places` is below 2^53.
/// In whole numbers: the standard library's way with fractions would weigh ten kilobytes in the browser.
pub fn decimal(number: f64, places: usize) -> String {
    let one = 10_u64.pow(places as u32);
    let scaled = (number.abs() * one as f64).round() as u64;
    let sign = if number < 0.0 && scaled > 0 { "-" } else { "" };
    let (whole, part) = (scaled / one, scaled % one);
    let part = format!("{part:0places$}");
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
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
    // As a whole number: the browser's module need not know how to write any other one in full.
    if is_fraction { format!("1/{}", parts as u32) } else { decimal(secs, 4) }
}

/// A short decimal such as "4", "-1" or "4.5"; the standard library's parser alone would weigh ten kilobytes in the browser.
pub(crate) fn parse_short(text: &str) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |digits: &str| {
        let is_short = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| is_short).map(f64::from)
    };
    Some(sign * (number(whole)? + number(part)? / 10_f64.powi(part.len() as i32)))
}

#[cfg(test)]
mod tests {
    use super::{aperture, decimal, exposure, parse_short};

    #[test]
    fn short_decimals_are_parsed() {
        for (text, number) in [("4", 4.0), ("-1", -1.0), ("4.5", 4.5), ("3.25", 3.25), ("0.0", 0.0)] {
            assert_eq!(parse_short(text), Some(number));
        }
        for text in ["", "-", ".", "1.", "+1", "1e3", "NaN", "1234567", "--1", "1.2.3", "١"] {
            assert_eq!(parse_short(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_short() {
        for (number, text) in
            [(72.0, "72"), (2.9, "2.9"), (100.0, "100"), (4.25, "4.25"), (0.0, "0"), (57.01900238, "57.019")]
        {
            assert_eq!(decimal(number, 4), text);
        }
        assert_eq!(decimal(-0.00001, 4), "0");
        assert_eq!(decimal(-1e9, 4), "-1000000000");
        assert_eq!(decimal(-0.05, 4), "-0.05");
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
