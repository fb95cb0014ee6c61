mod access;
mod administration;
mod files;
mod sharing;
