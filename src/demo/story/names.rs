//! The names in the story.

/// States with incidents come first, so that a small world has them too.
pub(super) const STATES: [&str; 50] = [
    "california",
    "texas",
    "north-carolina",
    "georgia",
    "ohio",
    "virginia",
    "florida",
    "alabama",
    "alaska",
    "arizona",
    "arkansas",
    "colorado",
    "connecticut",
    "delaware",
    "hawaii",
    "idaho",
    "illinois",
    "indiana",
    "iowa",
    "kansas",
    "kentucky",
    "louisiana",
    "maine",
    "maryland",
    "massachusetts",
    "michigan",
    "minnesota",
    "mississippi",
    "missouri",
    "montana",
    "nebraska",
    "nevada",
    "new-hampshire",
    "new-jersey",
    "new-mexico",
    "new-york",
    "north-dakota",
    "oklahoma",
    "oregon",
    "pennsylvania",
    "rhode-island",
    "south-carolina",
    "south-dakota",
    "tennessee",
    "utah",
    "vermont",
    "washington",
    "west-virginia",
    "wisconsin",
    "wyoming",
];

/// Departments of states: the tenants beyond the first fifty.
const DEPARTMENTS: [&str; 9] =
    ["courts", "health", "revenue", "schools", "transit", "parks", "police", "labor", "elections"];

/// The services of an environment. The first two are behind a load balancer.
const SERVICES: [&str; 12] = [
    "web",
    "api",
    "worker",
    "scheduler",
    "reports",
    "mailer",
    "search",
    "documents",
    "payroll",
    "billing",
    "audit",
    "exports",
];

/// The name of the tenant at `index`.
pub(super) fn tenant(index: u32) -> String {
    let index = index as usize;
    let state = STATES[index % STATES.len()];
    match index / STATES.len() {
        0 => state.to_owned(),
        round => match DEPARTMENTS.get(round - 1) {
            Some(department) => format!("{state}-{department}"),
            None => format!("{state}-county{round}"),
        },
    }
}

/// The name of the service at `index`.
pub(super) fn service(index: u32) -> String {
    SERVICES.get(index as usize).map_or_else(|| format!("service{index}"), |name| (*name).to_owned())
}

/// The load balancer port of the service at `index`, if it has one.
pub(super) fn port(index: u32) -> Option<u16> {
    match index {
        0 => Some(8080),
        1 => Some(8081),
        _ => None,
    }
}
