//! Whole runs over engines that fail, lie, panic or are told to stop.

mod faulty_engine;
mod line;
