import type { Settings } from './partner.ts';

/** The demo tenant of the sandbox, unless the environment says otherwise. */
export const SETTINGS: Settings = {
  url: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:3000',
  apiKey: process.env['GATEWAY_API_KEY'] ?? `cgk_acme.${'A'.repeat(43)}`,
  custSpaceId: process.env['CUST_SPACE_ID'] ?? 'cams-acme',
  businessNumber: process.env['BUSINESS_NUMBER'] ?? '8613800000001',
};
