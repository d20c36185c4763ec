//! What a browser says that its user reads.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// Their languages without countries, the most wanted first (RFC 9110, 12.5.4).
pub fn wanted(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(ACCEPT_LANGUAGE).into_iter().filter_map(|value| value.to_str().ok());
    let mut ranges: Vec<_> = values.flat_map(|value| value.split(',')).filter_map(read).collect();
    ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranges.into_iter().map(|(base, _)| base).collect()
}

/// Its weight is 1 where it names none. What is no language in letters, or not wanted, is left out.
fn read(range: &str) -> Option<(String, f32)> {
    let (tag, params) = range.split_once(';').unwrap_or((range, "q=1"));
    let base = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let weight = params.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()).unwrap_or(0.0);
    (weight > 0.0 && !base.is_empty() && base.bytes().all(|byte| byte.is_ascii_lowercase())).then_some((base, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted_by(said: &str) -> Vec<String> {
        wanted(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, said.parse().unwrap())]))
    }

    #[test]
    fn the_most_wanted_comes_first_without_its_country() {
        assert_eq!(wanted_by("de"), ["de"]);
        assert_eq!(wanted_by("en;q=0.5, pt-BR, PL;q=0.9,ar-EG ; q=0.7"), ["pt", "pl", "ar", "en"]);
        assert_eq!(wanted_by("fr-CA,fr;q=0.9,en;q=0.8"), ["fr", "fr", "en"]);
    }

    #[test]
    fn what_is_no_language_or_not_wanted_is_left_out() {
        assert_eq!(wanted_by("*, ../secret, de/../x, , -, 1;q=1, it;q=0, ja;q=NaN, nl;q=most, es;v=1"), [""; 0]);
        assert_eq!(wanted(&HeaderMap::new()), [""; 0]);
    }
}
