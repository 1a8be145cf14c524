//! The NPAC region of a telephone number, whose predominant time zone is "local time" for porting (47 CFR 52.35(e)(1)).
//!
//! States of the regions: report of the NANC Architecture Task Force on number portability (1997). Area codes of the
//! states: libphonenumber's geocoding data, release 9.0.43 of November 2026. A new area code is unknown here until the
//! table is renewed, and unknown is served (see [`local_time`]). So are Guam (671), the Northern Mariana Islands (670)
//! and American Samoa (684): no public source says which region each of them chose.

use jiff::tz::{self, TimeZone};

use crate::telephone_number::Tn;

/// One of the seven US regions of the Number Portability Administration Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NpacRegion {
    /// New England and New York.
    Northeast,
    /// New Jersey and Pennsylvania to Virginia.
    MidAtlantic,
    /// Kentucky to Florida, Louisiana, Puerto Rico and the US Virgin Islands.
    Southeast,
    /// The Great Lakes.
    Midwest,
    /// Texas, Oklahoma, Kansas, Arkansas and Missouri.
    Southwest,
    /// The Plains, the Mountain States, Alaska, Oregon and Washington.
    Western,
    /// California, Nevada and Hawaii.
    WestCoast,
}

const NORTHEAST: &str = "203 207 212 315 329 332 339 347 351 363 401 413 475 508 516 518 585 603 607 617 631 646 680 716 \
    718 774 781 802 838 845 857 860 914 917 929 934 959 978";

const MID_ATLANTIC: &str = "201 202 215 223 227 240 267 272 276 301 302 304 410 412 434 443 445 484 540 551 570 571 582 609 \
    610 640 667 681 686 703 717 724 732 757 771 804 814 826 835 848 856 862 878 908 948 973";

const MIDWEST: &str = "216 217 219 220 224 231 234 248 260 262 269 274 283 309 312 313 317 326 330 331 353 380 414 419 \
    440 447 463 464 513 517 534 567 574 586 608 614 616 618 630 708 715 730 734 740 765 773 779 810 \
    812 815 847 872 906 920 930 937 947 989";

const SOUTHEAST: &str = "205 225 228 229 239 251 252 256 270 305 318 321 324 334 336 337 340 352 364 386 404 407 423 448 \
    470 472 478 502 504 561 601 606 615 629 645 656 659 662 678 689 704 706 727 728 731 743 754 762 \
    769 770 772 786 787 803 813 821 828 839 843 850 854 859 863 864 865 901 904 910 912 919 931 938 \
    939 941 943 954 980 984 985";

const SOUTHWEST: &str = "210 214 235 254 281 314 316 325 327 346 361 405 409 417 430 432 469 479 501 512 539 557 572 573 \
    580 620 636 660 682 713 726 737 785 806 816 817 830 832 870 903 913 915 918 936 940 945 956 972 \
    975 979";

const WESTERN: &str = "206 208 218 253 303 307 308 319 320 360 385 402 406 425 435 458 480 503 505 507 509 515 520 531 \
    541 563 564 575 602 605 612 623 641 651 701 712 719 720 748 763 801 907 928 952 970 971 983 986";

const WEST_COAST: &str = "209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 702 \
    707 714 725 738 747 760 775 805 808 818 820 831 840 858 909 916 925 949 951";

impl NpacRegion {
    /// Every region, from east to west: the later one of two is also the one whose day ends later.
    pub const ALL: [Self; 7] = [
        Self::Northeast,
        Self::MidAtlantic,
        Self::Southeast,
        Self::Midwest,
        Self::Southwest,
        Self::Western,
        Self::WestCoast,
    ];

    /// Returns the region of an area code, if it is known.
    pub fn of_npa(npa: &str) -> Option<Self> {
        // Each is three digits and a space: comparing them where they are takes a tenth of what splitting the texts does.
        let is_listed =
            |codes: &str| codes.as_bytes().chunks(4).any(|code| code.get(..3) == Some(npa.as_bytes()));
        Self::ALL.into_iter().find(|region| is_listed(region.area_codes()))
    }

    fn area_codes(self) -> &'static str {
        match self {
            Self::Northeast => NORTHEAST,
            Self::MidAtlantic => MID_ATLANTIC,
            Self::Southeast => SOUTHEAST,
            Self::Midwest => MIDWEST,
            Self::Southwest => SOUTHWEST,
            Self::Western => WESTERN,
            Self::WestCoast => WEST_COAST,
        }
    }

    /// Returns the region's predominant time zone. Its rules are compiled in: every instance must agree on a due date,
    /// whatever the time zone database of its system says.
    fn zone(self) -> TimeZone {
        static EASTERN: TimeZone = tz::get!("America/New_York");
        static CENTRAL: TimeZone = tz::get!("America/Chicago");
        static MOUNTAIN: TimeZone = tz::get!("America/Denver");
        static PACIFIC: TimeZone = tz::get!("America/Los_Angeles");
        match self {
            Self::Northeast | Self::MidAtlantic | Self::Southeast => EASTERN.clone(),
            Self::Midwest | Self::Southwest => CENTRAL.clone(),
            Self::Western => MOUNTAIN.clone(),
            Self::WestCoast => PACIFIC.clone(),
        }
    }
}

/// Returns the local time of these numbers. For numbers of several regions, and for unknown area codes, it is the zone
/// whose day ends last: a request must not count as late in a region where it was in time.
pub fn local_time(numbers: &[Tn]) -> TimeZone {
    let regions = numbers.iter().map(|tn| NpacRegion::of_npa(tn.npa()).unwrap_or(NpacRegion::WestCoast));
    regions.max().unwrap_or(NpacRegion::WestCoast).zone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(numbers: &[&str]) -> String {
        let numbers: Vec<Tn> = numbers.iter().map(|tn| tn.parse().unwrap()).collect();
        local_time(&numbers).iana_name().unwrap().to_owned()
    }

    #[test]
    fn each_region_has_its_states() {
        for (npa, region) in [
            ("617", NpacRegion::Northeast),
            ("212", NpacRegion::Northeast),
            ("202", NpacRegion::MidAtlantic),
            ("304", NpacRegion::MidAtlantic),
            ("305", NpacRegion::Southeast),
            ("606", NpacRegion::Southeast),
            ("504", NpacRegion::Southeast),
            ("787", NpacRegion::Southeast),
            ("340", NpacRegion::Southeast),
            ("312", NpacRegion::Midwest),
            ("614", NpacRegion::Midwest),
            ("214", NpacRegion::Southwest),
            ("314", NpacRegion::Southwest),
            ("303", NpacRegion::Western),
            ("206", NpacRegion::Western),
            ("907", NpacRegion::Western),
            ("612", NpacRegion::Western),
            ("415", NpacRegion::WestCoast),
            ("702", NpacRegion::WestCoast),
            ("808", NpacRegion::WestCoast),
        ] {
            assert_eq!(NpacRegion::of_npa(npa), Some(region), "{npa}");
        }
        for unknown in ["671", "670", "684", "222", "", "2"] {
            assert_eq!(NpacRegion::of_npa(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_area_code_is_listed_once_in_order() {
        let all: Vec<&str> =
            NpacRegion::ALL.iter().flat_map(|region| region.area_codes().split(' ')).collect();
        assert_eq!(all.len(), 362);
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), all.len());
        for region in NpacRegion::ALL {
            assert!(region.area_codes().split(' ').is_sorted(), "{region:?}");
            assert!(region.area_codes().split(' ').all(|npa| NpacRegion::of_npa(npa) == Some(region)));
        }
        assert!(all.iter().all(|npa| npa.len() == 3 && npa.bytes().all(|b| b.is_ascii_digit())));
    }

    #[test]
    fn regions_are_ordered_by_the_end_of_their_day() {
        let now = "2026-11-16T17:00:00Z".parse().unwrap();
        let offsets: Vec<_> = NpacRegion::ALL.iter().map(|region| region.zone().to_offset(now)).collect();
        assert!(offsets.is_sorted_by(|east, west| east >= west));
    }

    #[test]
    fn several_regions_and_unknown_codes_get_the_zone_whose_day_ends_last() {
        assert_eq!(zone(&["6175550100"]), "America/New_York");
        assert_eq!(zone(&["6175550100", "3125550100"]), "America/Chicago");
        assert_eq!(zone(&["2065550100", "6175550100"]), "America/Denver");
        assert_eq!(zone(&["6715550100"]), "America/Los_Angeles");
        assert_eq!(zone(&["6175550100", "6715550100"]), "America/Los_Angeles");
        assert_eq!(zone(&["7875550100"]), "America/New_York");
    }
}
