/**
 * Which IP addresses are public: the ones that a stranger may make this server connect to.
 *
 * @module
 */
import { BlockList, isIP } from "node:net"

/** The registries of special-use addresses: IANA IPv4 and IPv6 Special-Purpose Address Registry (RFC 6890), multicast. */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
]

/** All that is routed is in 2000::/3; what of it is special is taken out again. */
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"]

const listOf = (family: "ipv4" | "ipv6", subnets: readonly string[]) => {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = "", prefix] = subnet.split("/")
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}

const special4 = listOf("ipv4", SPECIAL_IPV4)
const special6 = listOf("ipv6", SPECIAL_IPV6)
const routed6 = listOf("ipv6", ["2000::/3"])
const loopback4 = listOf("ipv4", ["127.0.0.0/8"])
const loopback6 = listOf("ipv6", ["::1/128"])

/** What is no IP address is not public. An IPv4 address inside of an IPv6 one (`::ffff:…`, `64:ff9b::…`) is none of 2000::/3. */
export const isPublicAddress = (address: string): boolean => {
  const bare = address.replace(/%.*$/, "")
  if (isIP(bare) === 4) return !special4.check(bare, "ipv4")
  return isIP(bare) === 6 && routed6.check(bare, "ipv6") && !special6.check(bare, "ipv6")
}

export const isLoopbackAddress = (address: string): boolean => {
  const family = isIP(address)
  return family === 4 ? loopback4.check(address, "ipv4") : family === 6 && loopback6.check(address, "ipv6")
}
