import ipaddr from 'ipaddr.js';
import { isAddressOrRange } from './addresses.js';
import type { EnvReader } from './env-reader.js';

/** More than any set of load balancers has, and less than any range of the whole internet. */
const LARGEST_SHARE = 16n;
/** Where IPv6 ranges contain all IPv4 addresses (`::ffff:0:0/96`), which is how proxies are compared. */
const MAPPED_FIRST = 0xffffn << 32n;
const FAMILIES = [
  { name: 'IPv4', bits: 32 },
  { name: 'IPv6', bits: 128 },
] as const;

/** The first address, and the one after the last. */
type Interval = readonly [from: bigint, to: bigint];

/**
 * Reads the addresses of trusted proxies. In production they must not cover most of the internet, in one range or several:
 * every client could then choose the address that is logged, and that its failures are counted for.
 */
export function readTrustedProxies(read: EnvReader): readonly string[] {
  const ranges = read.list('TRUST_PROXY', isAddressOrRange, 'an IP address or CIDR range');
  if (!read.production) return ranges;
  for (const { name, bits } of FAMILIES) {
    const covered = sizeOf(ranges.filter(isAddressOrRange).flatMap((range) => intervalsOf(range, bits)));
    if (covered * LARGEST_SHARE <= 1n << BigInt(bits)) continue;
    read.fault(
      'TRUST_PROXY',
      `covers more than a sixteenth of all ${name} addresses: list only those of your load balancers`,
    );
    break;
  }
  return ranges;
}

/** Returns the addresses of one family that a range covers. */
function intervalsOf(range: string, bits: number): Interval[] {
  const [address, length] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), undefined];
  const own = address.kind() === 'ipv4' ? 32 : 128;
  const size = 1n << BigInt(own - (length ?? own));
  const value = BigInt(`0x${Buffer.from(address.toByteArray()).toString('hex')}`);
  const from = (value / size) * size;
  if (own === bits) return [[from, from + size]];
  if (own < bits) return [];
  const mapped: Interval = [max(from - MAPPED_FIRST, 0n), min(from + size - MAPPED_FIRST, 1n << 32n)];
  return mapped[0] < mapped[1] ? [mapped] : [];
}

/** Returns how many addresses the intervals cover together. */
function sizeOf(intervals: readonly Interval[]): bigint {
  let size = 0n;
  let end = 0n;
  for (const [from, to] of intervals.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (to > end) size += to - max(from, end);
    end = max(end, to);
  }
  return size;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
