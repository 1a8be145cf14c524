//! Area codes whose numbers do not leave by US local number portability: a deny-list, as a new US code must never be refused.
//!
//! Taken from public numbering plan metadata (libphonenumber) as of July 2026, and from the plan's service codes.
//! US territories (340, 670, 671, 684, 787, 939) are portable and therefore not here.

/// 6YY codes with equal last digits are Canada's non-geographic ones; the rest is geographic.
const CANADA: [&str; 62] = [
    "204", "226", "236", "249", "250", "257", "263", "289", "306", "343", "354", "365", "367", "368", "382",
    "403", "416", "418", "428", "431", "437", "438", "450", "468", "474", "506", "514", "519", "548", "579",
    "581", "584", "587", "600", "604", "613", "622", "633", "639", "644", "647", "655", "672", "677", "683",
    "688", "705", "709", "742", "753", "778", "780", "782", "807", "819", "825", "867", "873", "879", "902",
    "905", "942",
];

/// Bermuda is among them, as the plan groups it with the Caribbean.
const CARIBBEAN: [&str; 21] = [
    "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784",
    "809", "829", "849", "868", "869", "876",
];

/// Why a number cannot be ported between carriers by US local number portability.
///
/// `Display` gives the reason as a sentence, for a problem's `detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPortable {
    /// 800 and its successors, which move between responsible organisations instead.
    #[error("Toll-free numbers change hands through their responsible organisation, not by porting.")]
    TollFree,
    /// 900.
    #[error("Premium-rate numbers cannot be ported.")]
    Premium,
    /// Follow-me numbers, 5XX. 520 is not one of them but Arizona.
    #[error("Personal communication numbers (5XX) cannot be ported.")]
    Personal,
    /// 700 belongs to each long-distance carrier, 710 to the federal government.
    #[error("Numbers in 700 and 710 cannot be ported.")]
    Special,
    /// A Canadian area code.
    #[error("Canadian numbers leave by another process.")]
    Canada,
    /// An area code of another country of the numbering plan: the Caribbean and Bermuda.
    #[error("Numbers of Caribbean countries and of Bermuda leave by another process.")]
    Caribbean,
}

impl NotPortable {
    /// Code of a field with such a number.
    pub const CODE: &'static str = "tn_not_portable";

    /// The reason for an area code of three digits; none if it is portable or unknown.
    pub fn of_npa(npa: &str) -> Option<Self> {
        match npa {
            "800" | "833" | "844" | "855" | "866" | "877" | "888" => Some(Self::TollFree),
            "900" => Some(Self::Premium),
            "500" | "521" | "522" | "523" | "524" | "525" | "526" | "527" | "528" | "529" | "533" | "544"
            | "566" | "577" | "588" => Some(Self::Personal),
            "700" | "710" => Some(Self::Special),
            _ if CANADA.contains(&npa) => Some(Self::Canada),
            _ if CARIBBEAN.contains(&npa) => Some(Self::Caribbean),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_recognised() {
        for (kind, npas) in [
            (NotPortable::TollFree, "800 833 844 855 866 877 888"),
            (NotPortable::Premium, "900"),
            (NotPortable::Personal, "500 521 522 523 524 525 526 527 528 529 533 544 566 577 588"),
            (NotPortable::Special, "700 710"),
            (NotPortable::Canada, "204 416 514 600 604 688 942"),
            (NotPortable::Caribbean, "242 441 658 809 876"),
        ] {
            for npa in npas.split(' ') {
                assert_eq!(NotPortable::of_npa(npa), Some(kind), "{npa}");
            }
        }
    }

    #[test]
    fn us_states_territories_and_unknown_codes_are_portable() {
        for npa in "206 212 425 520 808 907 202 787 939 340 671 670 684 222 333 999".split(' ') {
            assert_eq!(NotPortable::of_npa(npa), None, "{npa}");
        }
    }

    #[test]
    fn anything_else_is_no_area_code() {
        for npa in ["", "80", "8000", "٨٠٠"] {
            assert_eq!(NotPortable::of_npa(npa), None, "{npa}");
        }
    }

    #[test]
    fn the_reason_is_a_sentence() {
        assert_eq!(NotPortable::Premium.to_string(), "Premium-rate numbers cannot be ported.");
    }

    #[test]
    fn lists_are_sorted_and_say_one_thing_a_code() {
        for list in [&CANADA[..], &CARIBBEAN[..]] {
            assert!(list.is_sorted_by(|a, b| a < b));
            assert!(list.iter().all(|npa| npa.len() == 3 && npa.bytes().all(|b| b.is_ascii_digit())));
        }
        assert!(CANADA.iter().all(|npa| NotPortable::of_npa(npa) == Some(NotPortable::Canada)));
        assert!(CARIBBEAN.iter().all(|npa| NotPortable::of_npa(npa) == Some(NotPortable::Caribbean)));
    }
}
