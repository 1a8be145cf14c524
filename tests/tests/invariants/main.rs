//! What holds whatever happens: crowds, races, faults, curious eyes. Each test has a stack of its own.

mod asks;
mod budget;
mod crowd;
mod damage;
mod faults;
mod guessing;
mod kms;
mod kms_trouble;
mod last_guess;
mod lost_answers;
mod needles;
mod racing;
mod racing_pins;
mod racing_versions;
mod random_operations;
mod secret_places;
mod secrets_tour;
mod silence;
mod tearing;
mod torn_reads;
