mod accounts;
mod storage;
mod transfers;
