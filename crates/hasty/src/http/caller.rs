//! From where a request comes, and the name that it goes by in the log.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use uuid::Uuid;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context's.
pub const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const MAX_REQUEST_ID_LEN: usize = 64;

/// Every request carries one among its extensions.
#[derive(Clone, Debug)]
pub struct Caller {
    pub address: IpAddr,
    pub request_id: HeaderValue,
    /// The span of a trusted proxy that this request is a part of.
    pub trace_parent: Option<HeaderValue>,
}

impl Caller {
    /// `peer` is the other end of the connection. What it says of others counts only where it is one of `trusted`.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Caller {
        let peer = peer.ip().to_canonical();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let given = |name| is_trusted(&peer).then(|| headers.get(name)).flatten();
        let request_id = given(REQUEST_ID).filter(|id| is_id(id)).cloned().unwrap_or_else(new_id);
        let trace_parent = given(TRACE_PARENT).cloned();
        Caller { address: behind(peer, headers, is_trusted), request_id, trace_parent }
    }
}

/// Each proxy adds whom it hears at the end of the list: the last one that is no proxy of ours is the caller. What stands
/// before it, the caller may have written.
fn behind(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(&IpAddr) -> bool) -> IpAddr {
    let lists: Vec<_> = headers.get_all(FORWARDED_FOR).iter().filter_map(|list| list.to_str().ok()).collect();
    let mut hops = lists.iter().rev().flat_map(|list| list.rsplit(',')).map(|hop| address(hop.trim()));
    let mut caller = peer;
    while is_trusted(&caller)
        && let Some(Some(hop)) = hops.next()
    {
        caller = hop;
    }
    caller
}

/// Some proxies write the port, too.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

fn is_id(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_REQUEST_ID_LEN).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}

fn new_id() -> HeaderValue {
    HeaderValue::try_from(Uuid::new_v4().simple().to_string()).expect("digits and letters")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, headers: &[(HeaderName, &'static str)]) -> Caller {
        let trusted = ["10.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap());
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        Caller::of(peer.parse().unwrap(), &headers, &trusted)
    }

    #[test]
    fn a_stranger_is_who_connects_whatever_the_headers_say() {
        let headers = [(FORWARDED_FOR, "198.51.100.1"), (REQUEST_ID, "chosen"), (TRACE_PARENT, "chosen")];
        let caller = caller("192.0.2.1:999", &headers);
        assert_eq!(caller.address.to_string(), "192.0.2.1");
        assert_ne!(caller.request_id, "chosen");
        assert_eq!(caller.trace_parent, None);
    }

    #[test]
    fn a_trusted_proxy_names_the_caller_and_the_caller_cannot() {
        for (peer, lists, expected) in [
            ("10.1.1.1:1", &["198.51.100.7"][..], "198.51.100.7"),
            ("10.1.1.1:1", &["203.0.113.9, 198.51.100.7, 10.2.2.2"], "198.51.100.7"),
            ("10.1.1.1:1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("[::1]:1", &["[2001:db8::5]:443"], "2001:db8::5"),
            ("[::ffff:10.1.1.1]:1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("10.1.1.1:1", &["203.0.113.9, no address"], "10.1.1.1"),
            ("10.1.1.1:1", &[], "10.1.1.1"),
        ] {
            let headers: Vec<_> = lists.iter().map(|list| (FORWARDED_FOR, *list)).collect();
            assert_eq!(caller(peer, &headers).address.to_string(), expected, "{peer} {lists:?}");
        }
    }

    #[test]
    fn a_trusted_proxy_names_the_request_in_letters_that_fit_a_log() {
        let named = |id| caller("10.1.1.1:1", &[(REQUEST_ID, id)]).request_id;
        assert_eq!(named("req-1.A_b"), "req-1.A_b");
        for odd in ["", "a b", "a\tb", "<script>"] {
            assert_eq!(named(odd).len(), 32, "{odd:?}");
        }
    }
}
