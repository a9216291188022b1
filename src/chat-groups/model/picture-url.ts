import ipaddr from 'ipaddr.js';
import { parse } from 'tldts';
import { isCleanText } from '../../util/text.js';

export const MAX_PICTURE_URL = 2048;

export const A_PICTURE_URL = 'must be an HTTPS URL with a public host name, on port 443, without credentials';

/** Scheme and authority as anybody would read them: nothing that parsers repair, decode or skip. */
const PLAIN_START = /^https:\/\/[^/?#@\\%]+(?:$|[/?#])/i;
/** Format and bidirectional characters, and others that show as nothing. */
const INVISIBLE = /[\p{Cf}\p{DI}\p{Zs}]/v;

/**
 * Returns a URL as its parser reads it, which is what must be sent: what a later reader makes of another spelling is
 * unknown. `undefined` if it is not HTTPS, names credentials, or contains anything that parsers remove or disagree about.
 */
export function parsePictureUrl(text: string): string | undefined {
  if (text.length > MAX_PICTURE_URL || !isCleanText(text) || INVISIBLE.test(text)) return undefined;
  if (!PLAIN_START.test(text) || text.includes('\\')) return undefined;
  // `https://good.example?@evil.example`: some parsers find the user by the last @ before the path.
  if (/^https:\/\/[^/]*@/i.test(text)) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return url.href.length <= MAX_PICTURE_URL ? url.href : undefined;
}

/** Returns what is wrong with a value that {@link parsePictureUrl} refuses. */
export function pictureFormFault(value: unknown): string {
  if (typeof value !== 'string') return A_PICTURE_URL;
  if (!isCleanText(value) || INVISIBLE.test(value))
    return 'must not contain white space, control characters or invisible characters: percent-encode them';
  const url = URL.parse(value);
  if (url === null) return A_PICTURE_URL;
  if (url.protocol !== 'https:') return 'must be an HTTPS URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or password';
  if (url.href.length > MAX_PICTURE_URL)
    return `must be at most ${MAX_PICTURE_URL} characters, after percent-encoding`;
  return A_PICTURE_URL;
}

/** Returns why a parsed URL does not name a host of the public internet by its name, on port 443. Resolves nothing. */
export function pictureHostFault(href: string): string | undefined {
  const url = URL.parse(href);
  if (url === null) return A_PICTURE_URL;
  if (url.port !== '') return 'must use port 443';
  const host = url.hostname.replace(/\.$/, '');
  if (isPublicHost(host)) return undefined;
  return host.split('.').some((label) => INTERNAL_LABEL.test(label) || VPC_LABEL.test(label))
    ? 'names a host of an internal network: use its public endpoint'
    : 'must name a host of the public internet, not an address or a local name';
}

/** Top-level domains of the public suffix list that are not reachable from the internet. */
const SPECIAL_TLDS = new Set([
  'arpa',
  'onion',
  'test',
  'invalid',
  'example',
  'localhost',
  'local',
  'internal',
]);

/** Domains whose names resolve to any address that is written in them, or always to this machine. */
const ADDRESS_DOMAINS = new Set(
  `nip.io sslip.io xip.io xip.name ipq.co backname.io 1u.ms rbndr.us gl0.eu localtest.me lvh.me vcap.me
   localdev.me lacolhost.com traefik.me local.gd 42foo.com localho.st smackaho.st lcl.host fuf.me ulh.us
   yoogle.com local-ip.co local-ip.sh 127-0-0-1.org.uk ip6.name`.split(/\s+/),
);

/** Names that the networks of clouds and clusters answer, whatever domain they are below. */
const INTERNAL_LABEL = /^(?:(?:.+[_-])?(?:internal|intranet)|localhost|localdomain|privatelink|vpce)$/;
/** Alibaba Cloud: endpoints within a VPC. Source: the endpoint lists of OSS and of Container Registry. */
const VPC_LABEL = /^(?:vpc\d*[_-].+|.+[_-]vpc\d*|vpc\d*)$/;
const CLOUD_DOMAINS = new Set(['aliyuncs.com', 'tencentyun.com', 'myqcloud.com', 'tencentcos.cn']);

function isPublicHost(host: string): boolean {
  if (host.startsWith('[') || ipaddr.isValid(host) || holdsPrivateAddress(host)) return false;
  const labels = host.split('.');
  // Names below a domain can have underscores, as those of old S3 buckets do.
  if (labels.some((label) => !/^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return false;
  const { domain, isIcann, isIp } = parse(host, { allowPrivateDomains: false });
  if (domain === null || domain.includes('_') || isIcann !== true || isIp === true) return false;
  if (SPECIAL_TLDS.has(labels.at(-1) ?? '') || isBelow(host, ADDRESS_DOMAINS)) return false;
  if (labels.some((label) => INTERNAL_LABEL.test(label))) return false;
  if (domain === 'tencentyun.com') return false;
  return !(CLOUD_DOMAINS.has(domain) && labels.some((label) => VPC_LABEL.test(label)));
}

/** Whether the host is one of the domains, or below one. */
function isBelow(host: string, domains: ReadonlySet<string>): boolean {
  for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length))
    if (domains.has(rest)) return true;
  return false;
}

/** `10.0.0.1.example.org`, `app-10-0-0-1.example.org`: names like these usually resolve to the address in them. */
function holdsPrivateAddress(host: string): boolean {
  for (const [, ...parts] of host.matchAll(
    /(?<!\d)(?=(\d{1,3})[._-](\d{1,3})[._-](\d{1,3})[._-](\d{1,3})(?!\d))/g,
  )) {
    const address = parts.map(Number).join('.');
    if (ipaddr.IPv4.isValidFourPartDecimal(address) && ipaddr.parse(address).range() !== 'unicast')
      return true;
  }
  return false;
}
