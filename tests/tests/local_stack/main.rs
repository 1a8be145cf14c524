//! The one-command local stack, as a person runs it: `make run` and `make token`, Ctrl-C, `kill -9`, and what goes wrong.
//!
//! Linux only: processes are found by their environment in `/proc`.

mod books;
mod crash;
mod emulator;
mod idle;
mod ledger;
mod load;
mod output;
mod place;
mod readme;
mod seed;
mod stack;
mod stop;
mod terminal;
mod trouble;
mod walk;
