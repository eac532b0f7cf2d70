//! Where a device sits on the PCI bus: the one name of a GPU that the kernel, CUDA, ROCm and Vulkan agree on.

use std::fmt;
use std::str::FromStr;

/// `domain:bus:device.function`, in hexadecimal. Sorted as the bus is counted, which is CUDA's `PCI_BUS_ID` order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine::gpu) struct PciAddress {
    domain: u32,
    bus: u8,
    device: u8,
    function: u8,
}

impl PciAddress {
    /// From ROCm's `domain` and `location_id`: 8 bits of bus, 5 of device, 3 of function.
    pub(super) fn of_location(domain: u32, location: u32) -> Self {
        let [_, _, bus, low] = location.to_be_bytes();
        Self { domain, bus, device: low >> 3, function: low & 7 }
    }
}

impl fmt::Display for PciAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:02x}:{:02x}.{:x}", self.domain, self.bus, self.device, self.function)
    }
}

impl FromStr for PciAddress {
    type Err = ();

    /// Reads `0000:65:00.0`; drivers write four to eight digits of domain, of either case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.trim().split([':', '.']);
        let mut next = |digits: usize| {
            let part = parts.next().filter(|part| (1..=digits).contains(&part.len())).ok_or(())?;
            u32::from_str_radix(part, 16).map_err(|_| ())
        };
        let domain = next(8)?;
        let mut small = || u8::try_from(next(2)?).map_err(|_| ());
        let address = Self { domain, bus: small()?, device: small()?, function: small()? };
        parts.next().is_none().then_some(address).ok_or(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_the_same_address() {
        let address: PciAddress = "0000:65:00.0".parse().unwrap();
        assert_eq!(address, "00000000:65:00.0".parse().unwrap());
        assert_eq!("0000:0A:1f.7".parse::<PciAddress>().unwrap().to_string(), "0000:0a:1f.7");
        assert_eq!(PciAddress::of_location(1, 0x0301).to_string(), "0001:03:00.1");
        assert_eq!(PciAddress::of_location(0, 0xc1f8).to_string(), "0000:c1:1f.0");
        for wrong in ["", "65:00.0", "0000:65:00", "0000:65:00.0.1", "0000:650:00.0", "0000:6g:00.0", "0000::00.0"] {
            assert_eq!(wrong.parse::<PciAddress>(), Err(()), "{wrong}");
        }
    }
}
