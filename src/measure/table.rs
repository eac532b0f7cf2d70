//! What a table is: a name, documented columns, rows of values. One macro writes a table's row type and its column
//! dictionary from the same lines, so that neither can drift from the other.

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not computed, or not defined here: an empty field, never 0.
    Missing,
    /// A count or an index.
    Int(i64),
    /// A measurement; NaN and infinities are written as `NaN` and `inf`.
    Float(f64),
    /// A name from a fixed list.
    Text(&'static str),
    /// Words of the user's own.
    Words(String),
}

/// Takes rows field by field, in the order of their columns.
pub trait Sink {
    /// Takes the next field.
    fn take(&mut self, value: Value);
}

impl Sink for Vec<Value> {
    fn take(&mut self, value: Value) {
        self.push(value);
    }
}

/// What the fields of a column are, for formats with types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    /// What a field that is not empty is.
    pub kind: Kind,
    /// Whether a field may be empty.
    pub presence: Presence,
}

/// What a field that is not empty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A count or an index.
    Integer,
    /// A measurement.
    Number,
    /// A word.
    Word,
}

/// Whether a field may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It never is.
    Always,
    /// It is where nothing was computed.
    Sometimes,
}

impl Type {
    /// A column of `kind` without empty fields.
    pub const fn always(kind: Kind) -> Self {
        Self { kind, presence: Presence::Always }
    }

    /// A column of `kind` with empty fields where nothing was computed.
    pub const fn sometimes(kind: Kind) -> Self {
        Self { kind, presence: Presence::Sometimes }
    }
}

/// A Rust type that a column's fields are made of: `f64`, counts, words, and each of them as an `Option`.
pub trait Typed {
    /// What its fields are.
    const TYPE: Type;
}

impl Typed for f64 {
    const TYPE: Type = Type::always(Kind::Number);
}

impl Typed for u32 {
    const TYPE: Type = Type::always(Kind::Integer);
}

/// Above `i64::MAX` the field is empty.
impl Typed for u64 {
    const TYPE: Type = Type::sometimes(Kind::Integer);
}

/// Nothing in memory is counted beyond `i64::MAX`.
impl Typed for usize {
    const TYPE: Type = Type::always(Kind::Integer);
}

impl Typed for &str {
    const TYPE: Type = Type::always(Kind::Word);
}

impl Typed for String {
    const TYPE: Type = Type::always(Kind::Word);
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = Type::sometimes(T::TYPE.kind);
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says which row this is.
    Key,
    /// A measurement.
    Result,
    /// How the measurement came about.
    Provenance,
}

/// One column of a table, as `columns.json` and `results/README.md` describe it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in the header.
    pub name: &'static str,
    /// Key, result or provenance.
    pub role: Role,
    /// Unit; `1` for a pure number, `y^2` for a squared target, `name` for a word.
    pub unit: &'static str,
    /// A sentence or two on one line.
    pub meaning: &'static str,
}

/// A table's name and columns (without the key of the trial, which every table shares).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// File name without `.csv`.
    pub name: &'static str,
    /// What one row stands for.
    pub row: &'static str,
    /// Columns in order.
    pub columns: &'static [Column],
    /// What each of them holds, in the same order.
    pub types: &'static [Type],
}

impl Schema {
    /// How many keys every row begins with: all its keys, in the tables of this crate.
    pub fn leading_keys(&self) -> usize {
        self.columns.iter().take_while(|column| column.role == Role::Key).count()
    }
}

impl From<f64> for Value {
    #[inline]
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<u32> for Value {
    #[inline]
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<u64> for Value {
    #[inline]
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Missing, Self::Int)
    }
}

impl From<usize> for Value {
    #[inline]
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or(Self::Missing, Self::Int)
    }
}

impl From<&'static str> for Value {
    #[inline]
    fn from(value: &'static str) -> Self {
        Self::Text(value)
    }
}

impl From<String> for Value {
    #[inline]
    fn from(value: String) -> Self {
        Self::Words(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    #[inline]
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

/// Declares a table: a row struct whose doc comments are the column dictionary.
///
/// ```ignore
/// table! {
///     "ridge", "trial x lambda";
///     /// One ridge solution.
///     pub struct RidgeRow {
///         /// Ridge penalty added to the diagonal of X'X.
///         key "1" lambda: f64,
///         /// Training error ||X w - y||^2 / n.
///         result "y^2" train_mse: Option<f64>,
///     }
/// }
/// ```
/// gives `struct RidgeRow`, `RidgeRow::SCHEMA`, `RidgeRow::push_into(self, &mut impl Sink)` and
/// `RidgeRow::values(self) -> Vec<Value>`.
macro_rules! table {
    (@role key) => { $crate::measure::table::Role::Key };
    (@role result) => { $crate::measure::table::Role::Result };
    (@role provenance) => { $crate::measure::table::Role::Provenance };
    (
        $name:literal, $row:literal;
        $(#[doc = $about:literal])*
        pub struct $Row:ident {
            $( $(#[doc = $meaning:literal])+ $role:ident $unit:literal $column:ident: $type:ty, )+
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Row {
            $( $(#[doc = $meaning])+ pub $column: $type, )+
        }

        impl $Row {
            /// Name and columns of this table.
            pub const SCHEMA: $crate::measure::table::Schema = $crate::measure::table::Schema {
                name: $name,
                row: $row,
                columns: &[
                    $( $crate::measure::table::Column {
                        name: stringify!($column),
                        role: $crate::measure::table::table!(@role $role),
                        unit: $unit,
                        // Every doc line arrives with the blank that follows its slashes.
                        meaning: concat!($($meaning),+).trim_ascii(),
                    }, )+
                ],
                types: &[ $( <$type as $crate::measure::table::Typed>::TYPE, )+ ],
            };

            /// Gives the fields to `sink`, in the order of the columns.
            #[inline]
            pub fn push_into(self, sink: &mut impl $crate::measure::table::Sink) {
                $( sink.take(self.$column.into()); )+
            }

            /// The fields in the order of the columns.
            pub fn values(self) -> Vec<$crate::measure::table::Value> {
                let mut values = Vec::with_capacity(Self::SCHEMA.columns.len());
                self.push_into(&mut values);
                values
            }
        }
    };
}
pub(crate) use table;
