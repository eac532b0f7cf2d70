use super::Label;
