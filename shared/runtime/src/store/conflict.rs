//! Has the SDK repeat a transaction that met another one. Each repetition has the same token, so one whose answer was lost
//! is not carried out twice.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

/// Codes with which DynamoDB cancels a transaction that may succeed on another try.
const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
const CONDITION: &str = "ConditionalCheckFailed";

/// Recognizes a transaction that nothing but other transactions, or their number, stood in the way of.
#[derive(Debug)]
pub struct Conflict;

impl ClassifyRetry for Conflict {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(|result| result.err()?.as_operation_error());
        if error.and_then(|error| error.downcast_ref()).is_some_and(may_pass) {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "conflict"
    }
}

fn may_pass(error: &TransactWriteItemsError) -> bool {
    let passing = |reason: &CancellationReason| reason.code().is_some_and(|code| PASSING.contains(&code));
    refused(error).is_empty() && reasons(error).iter().any(passing)
}

/// Returns the places of the writes whose conditions did not hold.
pub(super) fn refused(error: &TransactWriteItemsError) -> BTreeSet<usize> {
    let reasons = reasons(error).iter().enumerate();
    reasons.filter(|(_, reason)| reason.code() == Some(CONDITION)).map(|(place, _)| place).collect()
}

fn reasons(error: &TransactWriteItemsError) -> &[CancellationReason] {
    if let TransactWriteItemsError::TransactionCanceledException(cancelled) = error {
        cancelled.cancellation_reasons()
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    use super::*;

    fn cancelled(codes: &[&str]) -> TransactWriteItemsError {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
        let error = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons));
        TransactWriteItemsError::TransactionCanceledException(error.build())
    }

    #[test]
    fn a_broken_condition_counts_over_everything_else_and_is_named_by_its_place() {
        let error = cancelled(&["None", CONDITION, "TransactionConflict", CONDITION]);
        assert_eq!(refused(&error), BTreeSet::from([1, 3]));
        assert!(!may_pass(&error));
    }

    #[test]
    fn what_passes_is_tried_again_and_what_does_not_is_not() {
        for code in PASSING {
            assert!(may_pass(&cancelled(&["None", code])), "{code}");
        }
        assert!(!may_pass(&cancelled(&["None", "ValidationError"])));
        assert!(!may_pass(&cancelled(&[])));
    }
}
