//! Tests of the verdicts.
