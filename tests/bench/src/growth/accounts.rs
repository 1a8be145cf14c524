//! The accounts of a store: their names, and two telephone numbers each that no other account has.

/// Numbers of an account.
pub const NUMBERS: u64 = 2;

/// Items of an account: itself, its PIN, and its numbers.
pub const ITEMS: usize = 2 + NUMBERS as usize;

/// Area codes whose numbers can be ported.
const NPAS: [&str; 4] = ["206", "212", "310", "415"];

/// Exchanges of an area code: 200 to 999, but no N11.
const EXCHANGES: u64 = 800 - 8;

const LINES: u64 = 10_000;

/// Letters of a name that tell accounts apart.
const LETTERS: u32 = 5;

/// How many accounts have names and numbers.
pub const MOST: u64 = {
    let (named, numbered) = (26_u64.pow(LETTERS), NPAS.len() as u64 * EXCHANGES * LINES / NUMBERS);
    if named < numbered { named } else { numbered }
};

/// Returns a name of letters only, so that no PIN is ever weak for being like it.
pub fn name(account: u64) -> String {
    let mut letters = [b'A'; LETTERS as usize];
    let mut rest = account;
    for letter in letters.iter_mut().rev() {
        *letter += u8::try_from(rest % 26).expect("under 26");
        rest /= 26;
    }
    format!("GROWTH{}", String::from_utf8_lossy(&letters))
}

/// Returns the account's numbers in E.164, in order.
pub fn numbers(account: u64) -> Vec<String> {
    (account * NUMBERS..(account + 1) * NUMBERS).map(number).collect()
}

fn number(serial: u64) -> String {
    let npa = NPAS[usize::try_from(serial / (EXCHANGES * LINES)).expect("a small number")];
    let exchange = serial / LINES % EXCHANGES;
    // 99 exchanges of each hundred remain: those that end in 11 are left out.
    let exchange = 200 + exchange / 99 * 100 + exchange % 99;
    let exchange = if exchange % 100 >= 11 { exchange + 1 } else { exchange };
    format!("+1{npa}{exchange}{:04}", serial % LINES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::telephone_number::Tn;
    use std::collections::HashSet;

    #[test]
    fn every_exchange_has_numbers_that_can_be_ported_and_none_comes_twice() {
        let all =
            (0..NPAS.len() as u64 * EXCHANGES * LINES).step_by(usize::try_from(LINES).unwrap()).map(number);
        let distinct: HashSet<_> = all
            .map(|number| {
                let tn: Tn = number.parse().unwrap();
                assert!(tn.not_portable().is_none(), "{number}");
                assert_eq!(tn.to_string(), number);
                number
            })
            .collect();
        assert_eq!(distinct.len(), NPAS.len() * usize::try_from(EXCHANGES).unwrap());
    }

    #[test]
    fn an_account_has_two_numbers_and_a_name_that_no_other_has() {
        assert_eq!((name(0), name(27)), ("GROWTHAAAAA".to_owned(), "GROWTHAAABB".to_owned()));
        assert_eq!(name(MOST - 1), "GROWTHZZZZZ");
        assert_eq!(numbers(1), ["+12062000002", "+12062000003"]);
    }
}
