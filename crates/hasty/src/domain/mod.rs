//! Rules and use cases. They know the database and the storage, and nothing of HTTP's requests.

pub mod archive;
pub mod changes;
pub mod check;
pub mod claim;
pub mod complete;
pub mod copies;
pub mod doctor;
pub mod events;
pub mod guesses;
pub mod images;
pub mod invitations;
pub mod location;
pub mod parquet;
pub mod part_plan;
pub mod parts;
pub mod picks;
pub mod policy;
pub mod quota;
pub mod rejection;
pub mod stats;
