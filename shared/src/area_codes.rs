//! Area codes whose numbers cannot be ported by US local number portability (LNP).
//!
//! A deny list: a US area code that opens after this list was written must never be rejected.
//!
//! Sources, as of November 2026: the metadata of libphonenumber 9.0.43 for Canada and the Caribbean; nationalnanpa.com's page
//! on 5XX codes and ATIS-0300052 for personal codes; 47 CFR 52.101 and the plan's reserve (822) for toll-free codes. US
//! territories (340, 670, 671, 684, 787, 939) are portable, so they are not listed.

/// Codes such as 600 or 622, 6YY with equal last digits, are Canada's non-geographic codes.
const CANADA: [&str; 63] = [
    "204", "226", "236", "249", "250", "257", "263", "273", "289", "306", "343", "354", "365", "367", "368",
    "382", "403", "416", "418", "428", "431", "437", "438", "450", "468", "474", "506", "514", "519", "548",
    "579", "581", "584", "587", "600", "604", "613", "622", "633", "639", "644", "647", "655", "672", "677",
    "683", "688", "705", "709", "742", "753", "778", "780", "782", "807", "819", "825", "867", "873", "879",
    "902", "905", "942",
];

/// Includes Bermuda (441), which the numbering plan groups with the Caribbean.
const CARIBBEAN: [&str; 21] = [
    "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784",
    "809", "829", "849", "868", "869", "876",
];

/// Why a number cannot be ported by US local number portability.
///
/// `Display` writes the reason as a sentence, for a rejection's `detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPortable {
    /// Toll-free: 800, 833, and so on, which move between Responsible Organizations instead (47 CFR 52.101).
    #[error("Toll-free numbers are transferred through their Responsible Organization, not by porting.")]
    TollFree,
    /// Premium rate: 900.
    #[error("Premium-rate numbers cannot be ported.")]
    Premium,
    /// Personal communication services: some codes 5XX, one by one. Others are places, such as 520 in Arizona.
    #[error("Personal communication numbers (5XX) cannot be ported.")]
    Personal,
    /// 700, which each long-distance carrier uses for itself, and 710, which is the federal government's.
    #[error("Numbers in area codes 700 and 710 cannot be ported.")]
    Special,
    /// Canada, which has its own portability process.
    #[error("Canadian numbers are ported through a separate process.")]
    Canada,
    /// Another country in the numbering plan: the Caribbean and Bermuda.
    #[error("Numbers in Caribbean countries and Bermuda are ported through a separate process.")]
    Caribbean,
}

impl NotPortable {
    /// Error code of a field with such a number.
    pub const CODE: &'static str = "tn_not_portable";

    /// Returns the reason for a three-digit area code, or `None` if its numbers are portable or the code is unknown.
    pub fn for_area_code(npa: &str) -> Option<Self> {
        match npa {
            "800" | "822" | "833" | "844" | "855" | "866" | "877" | "888" => Some(Self::TollFree),
            "900" => Some(Self::Premium),
            "500" | "521" | "522" | "523" | "524" | "525" | "526" | "527" | "528" | "529" | "532" | "533"
            | "544" | "566" | "577" | "588" => Some(Self::Personal),
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
    fn each_kind_is_recognized() {
        for (kind, npas) in [
            (NotPortable::TollFree, "800 822 833 844 855 866 877 888"),
            (NotPortable::Premium, "900"),
            (NotPortable::Personal, "500 521 522 523 524 525 526 527 528 529 532 533 544 566 577 588"),
            (NotPortable::Special, "700 710"),
            (NotPortable::Canada, "204 273 416 514 600 604 688 942"),
            (NotPortable::Caribbean, "242 441 658 809 876"),
        ] {
            for npa in npas.split(' ') {
                assert_eq!(NotPortable::for_area_code(npa), Some(kind), "{npa}");
            }
        }
    }

    #[test]
    fn us_states_territories_and_unknown_codes_are_portable() {
        let us =
            "206 212 425 520 808 907 202 565 436 738 821 235 564 975 551 557 559 787 939 340 671 670 684";
        for npa in us.split(' ').chain(["222", "333", "999"]) {
            assert_eq!(NotPortable::for_area_code(npa), None, "{npa}");
        }
    }

    #[test]
    fn anything_else_is_not_an_area_code() {
        for npa in ["", "80", "8000", "٨٠٠"] {
            assert_eq!(NotPortable::for_area_code(npa), None, "{npa}");
        }
    }

    #[test]
    fn the_reason_is_a_sentence() {
        assert_eq!(NotPortable::Premium.to_string(), "Premium-rate numbers cannot be ported.");
    }

    #[test]
    fn lists_are_sorted_and_give_each_code_one_reason() {
        for list in [&CANADA[..], &CARIBBEAN[..]] {
            assert!(list.is_sorted_by(|a, b| a < b));
            assert!(list.iter().all(|npa| npa.len() == 3 && npa.bytes().all(|b| b.is_ascii_digit())));
        }
        assert!(CANADA.iter().all(|npa| NotPortable::for_area_code(npa) == Some(NotPortable::Canada)));
        assert!(CARIBBEAN.iter().all(|npa| NotPortable::for_area_code(npa) == Some(NotPortable::Caribbean)));
    }
}
