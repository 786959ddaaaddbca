/**
 * The string formats that the API server checks (k8s.io/kube-openapi pkg/validation/strfmt); an unknown format says nothing.
 *
 * @module
 */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

const isIpv6 = (value: string): boolean => {
  if (!/^[0-9A-Fa-f:.]+$/.test(value) || !value.includes(":")) return false
  return URL.canParse(`http://[${value}]/`)
}

const isCidr = (value: string): boolean => {
  const [address = "", bits = "", ...rest] = value.split("/")
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false
  return IPV4.test(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128
}

const isDate = (value: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

/** RFC 3339 section 5.6. */
const isDateTime = (value: string): boolean => {
  const match = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.exec(value)
  return (
    match !== null && isDate(match[1] ?? "") && Number(match[2]) < 24 && Number(match[3]) < 60 && Number(match[4]) < 60
  )
}

/** Go's time.ParseDuration, without its sign-only and empty cases. */
export const GO_DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

const LONG_DURATION = /^\d+\s*(?:ns|nano|us|µs|μs|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week)s?$/

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const formats: Readonly<Record<string, (value: string) => boolean>> = {
  "date-time": isDateTime,
  datetime: isDateTime,
  date: isDate,
  duration: (value) => GO_DURATION.test(value) || LONG_DURATION.test(value),
  uri: (value) =>
    // Go's url.ParseRequestURI: absolute, or an absolute path.
    !/[\s<>"{}|\\^`]/.test(value) &&
    (value.startsWith("/") || (/^[A-Za-z][\w+.-]*:/.test(value) && URL.canParse(value))),
  email: (value) => /^[^\s@<>(),;:\\"[\]]+@[^\s@]+$/.test(value),
  hostname: (value) =>
    value.length <= 255 &&
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      value,
    ),
  ipv4: (value) => IPV4.test(value),
  ipv6: isIpv6,
  cidr: isCidr,
  mac: (value) => /^(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(value),
  uuid: (value) => UUID.test(value),
  byte: (value) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
}

/** Whether a string has the format. */
export const hasFormat = (format: string, value: string): boolean => formats[format]?.(value) ?? true

/** Bounds of the integer formats. */
export const INTEGER_BOUNDS: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}
