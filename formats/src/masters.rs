//! The official code masters and the pair list, as plain structs.
//!
//! Reading is lenient: a workbook, a CSV in UTF-8 or CP932, or an archive of CSVs is told by its
//! bytes, not by its name, and columns are found by their headings. A heading that is missing is an
//! error, because then nothing below it can be trusted; a field that is wrong is a [`Problem`].
//!
//! [`Problem`]: crate::Problem

mod check_master;
mod date;
mod error;
mod generic_names;
mod hot;
mod interactions_extract;
mod pairs;
mod price_list;
mod receipt;
mod sheet;
mod usage;
mod workbook;

pub use check_master::{
    CheckCoverage, CheckMaster, CheckPair, CodePair, Folded, fold, read_check_master,
};
pub use date::{date_in_name, parse_date};
pub use error::MasterError;
pub use generic_names::{GenericException, GenericName, GenericNames, read_generic_names};
pub use hot::{HotMaster, HotRow, read_hot};
pub use interactions_extract::{InteractionsExtract, read_interactions_extract};
pub use pairs::{Pair, PairSide, PricedPrefix, read_pairs, read_pairs_of};
pub use price_list::{Category, PriceEntry, PriceList, read_price_list};
pub use receipt::{ReceiptChange, ReceiptFile, ReceiptMaster, ReceiptRow, read_receipt_file};
pub use sheet::{Columns, Sheet, read_sheets, read_sheets_of};
pub use usage::{Timing, UsageMaster, UsageRow, read_usage_master};
