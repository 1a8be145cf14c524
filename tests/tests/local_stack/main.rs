//! The one-command local stack, as a person runs it: `make run` and `make token`, Ctrl-C, `kill -9`, and what goes wrong.
//!
//! Linux only: processes are found by their environment in `/proc`.

mod acknowledged_writes;
mod commands;
mod console;
mod crash;
mod data_folder;
mod emulator;
mod failed_starts;
mod idle;
mod load;
mod output;
mod readme_blocks;
mod readme_commands;
mod seed;
mod stack;
mod stop;
mod workspace_dir;
