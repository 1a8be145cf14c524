//! Assigns numbers to accounts and removes them.

use runtime::clock::Clock;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::telephone_numbers_field::portable_telephone_numbers;
use runtime::http::views::NumbersView;
use runtime::store::provisioner::{Assigned, Provisioner, Removed};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// Assigns all of the numbers to the account, or none.
pub async fn assign(store: &Provisioner, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_operators_account(request.parameter("account_id"))?;
    let numbers = read_numbers(request)?;
    match store.assign(&number, &numbers, &identity.actor(), clock.now()).await? {
        Assigned::All => Ok(Response::json(200, &NumbersView::new(number.as_str(), numbers.as_slice()))),
        Assigned::NoAccount => Err(Problem::account_not_found()),
        Assigned::Elsewhere(places) => Err(assigned_elsewhere(&places)),
    }
}

/// Removes a number from the account, unless a confirmed port-out holds it.
pub async fn remove(store: &Provisioner, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_operators_account(request.parameter("account_id"))?;
    let tn: Tn = request.parameter_field("tn").finish()?;
    match store.remove(&number, &tn, &identity.actor(), clock.now()).await? {
        Removed::Gone => Ok(Response::no_content()),
        Removed::NoAccount => Err(Problem::account_not_found()),
        Removed::Held => {
            // Not which port-out, nor whose: that is between its carrier, the owner, and the desk.
            let detail = "The number cannot be removed from the account now. Ask the porting desk.";
            Err(Problem::new(Code::NumberHeld, detail))
        }
    }
}

fn read_numbers(request: &Request) -> Result<TelephoneNumbers, Problem> {
    let mut body = request.json()?;
    let numbers = portable_telephone_numbers(&mut body);
    body.finish(numbers)
}

fn assigned_elsewhere(places: &[usize]) -> Problem {
    let error = |place: &usize| {
        FieldError::new(
            format!("/telephone_numbers/{place}"),
            Code::NumberAssignedElsewhere.as_str(),
            "This number is assigned to another account.",
        )
    };
    let detail = "At least one number is assigned to another account. No number was assigned.";
    Problem::new(Code::NumberAssignedElsewhere, detail).with_errors(places.iter().map(error).collect())
}
