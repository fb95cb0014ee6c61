mod api;
mod deliveries;
