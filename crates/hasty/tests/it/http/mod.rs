//! The contract, URL by URL.

mod bad_input;
mod batches;
mod bodies;
mod complete;
mod events;
mod headers;
mod health;
mod hosts;
mod images;
mod invitations;
mod limits;
mod methods;
mod multipart;
mod open_mode;
mod owners_invitations;
mod ownership;
mod pages;
mod paging;
mod picks;
mod policy;
mod quotas;
mod receipt;
mod replaced;
mod session;
mod store;
mod tokens;
