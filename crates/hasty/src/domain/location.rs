//! What is kept of where a photo was taken, as the invitation's owner has chosen.

use serde_json::{Map, Value};

use crate::db::invitations::LocationPolicy;

/// A hundredth of a degree of latitude is 1.1 km.
const COARSE_PER_DEGREE: f64 = 100.0;

/// The metadata without more of a place than the policy allows.
pub fn apply(policy: LocationPolicy, mut metadata: Map<String, Value>) -> Map<String, Value> {
    if policy == LocationPolicy::Keep {
        return metadata;
    }
    // A height tells a floor, or a mountain.
    metadata.remove("altitude");
    for name in ["latitude", "longitude"] {
        let exact = metadata.remove(name).as_ref().and_then(Value::as_f64);
        if let (Some(degrees), LocationPolicy::Coarse) = (exact, policy) {
            metadata.insert(name.to_owned(), ((degrees * COARSE_PER_DEGREE).round() / COARSE_PER_DEGREE).into());
        }
    }
    metadata
}

/// Nobody misses a place that is not wanted.
pub fn warnings(policy: LocationPolicy, mut warnings: Vec<String>) -> Vec<String> {
    warnings.retain(|code| policy != LocationPolicy::Strip || code != "location_removed");
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_as_exactly_as_the_owner_wants_it() {
        let metadata =
            serde_json::json!({"make": "Example", "latitude": 48.858_370, "longitude": -2.294_481, "altitude": 35.0});
        let metadata = metadata.as_object().unwrap();
        let applied = |policy| Value::Object(apply(policy, metadata.clone()));
        assert_eq!(applied(LocationPolicy::Keep), Value::Object(metadata.clone()));
        assert_eq!(
            applied(LocationPolicy::Coarse),
            serde_json::json!({"make": "Example", "latitude": 48.86, "longitude": -2.29})
        );
        assert_eq!(applied(LocationPolicy::Strip), serde_json::json!({"make": "Example"}));
    }

    #[test]
    fn a_place_that_a_device_removed_is_missed_only_where_it_is_wanted() {
        let found = || vec!["broken_xmp".to_owned(), "location_removed".to_owned()];
        assert_eq!(warnings(LocationPolicy::Keep, found()), found());
        assert_eq!(warnings(LocationPolicy::Coarse, found()), found());
        assert_eq!(warnings(LocationPolicy::Strip, found()), ["broken_xmp"]);
    }
}
