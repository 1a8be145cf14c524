//! Ranges of addresses that requests may come from.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// IP addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRanges(Vec<IpNet>);

/// Why a text does not name ranges of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be IP addresses or ranges such as 203.0.113.0/24 separated by commas")]
pub struct AddressRangesError;

impl FromStr for AddressRanges {
    type Err = AddressRangesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = |text: &str| {
            let single = |_| text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(single).map_err(|_| AddressRangesError)
        };
        text.split(',').map(|part| range(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl AddressRanges {
    /// Returns whether an address is in one of the ranges. What is not an address is in none.
    pub fn contains(&self, address: &str) -> bool {
        let address = address.parse::<IpAddr>().map(|address| address.to_canonical());
        address.is_ok_and(|address| self.0.iter().any(|range| range.contains(&address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_range_of_its_own_kind() {
        let ranges: AddressRanges = "203.0.113.0/24, 198.51.100.7 ,2001:db8::/32".parse().unwrap();
        for inside in ["203.0.113.0", "203.0.113.255", "198.51.100.7", "2001:db8::1", "::ffff:203.0.113.9"] {
            assert!(ranges.contains(inside), "{inside}");
        }
        for outside in
            ["203.0.112.255", "203.0.114.0", "198.51.100.8", "2001:db9::1", "::1", "", "203.0.113.1:443", "x"]
        {
            assert!(!ranges.contains(outside), "{outside}");
        }
        assert!("0.0.0.0/0".parse::<AddressRanges>().unwrap().contains("192.0.2.1"));
    }

    #[test]
    fn anything_but_addresses_and_ranges_is_an_error() {
        for bad in
            ["", ",", "203.0.113.0/33", "203.0.113", "203.0.113.0/24,", "2001:db8::/129", "example.com"]
        {
            assert_eq!(bad.parse::<AddressRanges>(), Err(AddressRangesError), "{bad}");
        }
    }
}
