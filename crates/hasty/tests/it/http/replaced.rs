//! replaced
