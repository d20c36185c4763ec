//! The camera's local time, from EXIF's date, sub-second and offset texts (CIPA DC-008 4.6.5, tags 9003.H, 9291.H and
//! 9011.H), else from those of XMP and IPTC, as ISO 8601.

/// `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM]`; `None` where the date is blank or is none.
pub(crate) fn iso(date_time: &[u8], sub_sec: Option<&[u8]>, offset: Option<&[u8]>) -> Option<String> {
    let [y0, y1, y2, y3, _, m0, m1, _, d0, d1, _, h0, h1, _, n0, n1, _, s0, s1, ..] = *date_time else {
        return None;
    };
    let (year, month, day) = (number(&[y0, y1, y2, y3])?, number(&[m0, m1])?, number(&[d0, d1])?);
    let (hour, minute, second) = (number(&[h0, h1])?, number(&[n0, n1])?, number(&[s0, s1])?);
    let is_date = year > 0 && (1..=days_in_month(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = sub_sec.and_then(fraction).unwrap_or_default();
    let offset = offset.and_then(utc_offset).unwrap_or_default();
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"))
}

/// From a date of XMP (part 1, 8.2.1.2: a profile of ISO 8601), which may be less exact: `None` without its seconds.
pub(crate) fn of_xmp(date: &str) -> Option<String> {
    let (date_time, rest) = date.trim().as_bytes().split_at_checked(19)?;
    if [date_time[4], date_time[7], date_time[10], date_time[13], date_time[16]] != *b"--T::" {
        return None;
    }
    let fraction = rest.strip_prefix(b".");
    let zone = rest.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z')).map(|at| &rest[at..]);
    let zone = if zone == Some(b"Z") { Some(&b"+00:00"[..]) } else { zone };
    iso(date_time, fraction, zone)
}

/// From IPTC's date, `YYYYMMDD`, and its time, `HHMMSS±HHMM` (IIM 4.2, 2:55 and 2:60).
pub(crate) fn of_iptc(date: &[u8], time: &[u8]) -> Option<String> {
    let (date, time, zone) = (date.get(..8)?, time.get(..6)?, &time[6..]);
    let parts =
        [&date[..4], b":", &date[4..6], b":", &date[6..], b" ", &time[..2], b":", &time[2..4], b":", &time[4..]];
    let zone = zone.get(..5).map(|zone| [&zone[..3], b":", &zone[3..]].concat());
    iso(&parts.concat(), None, zone.as_deref())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Digits behind the decimal point: ".054" of a second is told as ".054000".
fn fraction(sub_sec: &[u8]) -> Option<String> {
    let digits: String =
        sub_sec.iter().take_while(|byte| byte.is_ascii_digit()).take(6).map(|byte| char::from(*byte)).collect();
    (!digits.is_empty()).then(|| format!(".{digits:0<6}"))
}

fn utc_offset(offset: &[u8]) -> Option<String> {
    let [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1, ..] = *offset else {
        return None;
    };
    let (hours, minutes) = (number(&[h0, h1])?, number(&[m0, m1])?);
    (hours <= 14 && minutes <= 59).then(|| format!("{}{hours:02}:{minutes:02}", char::from(sign)))
}

#[cfg(test)]
mod tests {
    use super::{iso, of_iptc, of_xmp};

    #[test]
    fn a_date_is_told_as_exactly_as_the_file_tells_it() {
        assert_eq!(iso(b"2021:04:11 15:47:53\0", None, None).as_deref(), Some("2021-04-11T15:47:53"));
        assert_eq!(
            iso(b"2021:04:11 15:47:53\0", Some(b"054\0"), Some(b"-05:00\0")).as_deref(),
            Some("2021-04-11T15:47:53.054000-05:00")
        );
        assert_eq!(iso(b"2024:02:29 00:00:00", Some(b"   "), Some(b"   :  ")).as_deref(), Some("2024-02-29T00:00:00"));
    }

    #[test]
    fn a_date_that_cannot_be_is_none() {
        let impossible: [&[u8]; 7] = [
            b"0000:00:00 00:00:00",
            b"2023:02:29 00:00:00",
            b"2023:13:01 00:00:00",
            b"2023:01:01 24:00:00",
            b"    :  :     :  :  ",
            b"2023:01:01",
            b"",
        ];
        for date_time in impossible {
            assert_eq!(iso(date_time, None, None), None, "{date_time:?}");
        }
    }

    #[test]
    fn an_offset_that_cannot_be_is_left_out() {
        assert_eq!(iso(b"2023:01:01 12:00:00", None, Some(b"+25:00")).as_deref(), Some("2023-01-01T12:00:00"));
    }

    #[test]
    fn xmp_s_dates_are_told_where_they_have_seconds() {
        assert_eq!(of_xmp("2013-07-05T03:18:27Z").as_deref(), Some("2013-07-05T03:18:27+00:00"));
        assert_eq!(of_xmp(" 2013-07-05T03:18:27.5-07:00 ").as_deref(), Some("2013-07-05T03:18:27.500000-07:00"));
        assert_eq!(of_xmp("2013-07-05T03:18:27").as_deref(), Some("2013-07-05T03:18:27"));
        for date in [
            "",
            "2013",
            "2013-07-05",
            "2013-07-05T03:18Z",
            "2013-07-05 03:18:27",
            "2013-02-30T03:18:27",
            "写真写真写真写真",
        ] {
            assert_eq!(of_xmp(date), None, "{date}");
        }
    }

    #[test]
    fn iptc_s_dates_need_their_time() {
        assert_eq!(of_iptc(b"20050907", b"150740-0700").as_deref(), Some("2005-09-07T15:07:40-07:00"));
        assert_eq!(of_iptc(b"20050907", b"150740").as_deref(), Some("2005-09-07T15:07:40"));
        assert_eq!(of_iptc(b"20050907", b""), None);
        assert_eq!(of_iptc(b"00000000", b"150740-0700"), None);
    }
}
