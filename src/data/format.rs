//! Which format a file has, by its name.

use std::path::Path;

use super::error::Fault;

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv { delimiter: u8 },
    Npy,
}

impl Format {
    /// Of the file `path`, its fields separated by `delimiter` unless its name says otherwise.
    pub(super) fn of(path: &Path, delimiter: u8) -> Result<Self, Fault> {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let remedy = match extension.as_deref() {
            Some("csv") => return Ok(Self::Csv { delimiter }),
            Some("tsv") => return Ok(Self::Csv { delimiter: b'\t' }),
            Some("npy") => return Ok(Self::Npy),
            Some("parquet" | "pq" | "feather" | "arrow") => {
                "is a columnar file, which is not read: write it as CSV, duckdb -c \"COPY 'data.parquet' TO 'data.csv'\", \
                 or as NPY, np.save('data.npy', pandas.read_parquet('data.parquet').to_numpy(float))"
            }
            Some("gz" | "bz2" | "xz" | "zst" | "zip") => {
                "is compressed: unpack it first, for example with gunzip --keep"
            }
            Some("txt" | "dat" | "tab") => {
                "has an extension that does not say what separates its fields: rename it to .csv and give --delimiter, or \
                 to .tsv"
            }
            Some("xlsx" | "xls" | "ods") => "is a workbook: save the sheet as CSV (UTF-8)",
            Some("npz") => "is an archive of arrays: save one of them with np.save",
            _ => "has no known extension: .csv, .tsv and .npy can be read",
        };
        Err(Fault::new(remedy))
    }
}
