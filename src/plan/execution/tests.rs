//! Executions from beginning to end, told what happens by hand.
