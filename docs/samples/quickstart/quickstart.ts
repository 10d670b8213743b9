import { Hookline } from '@hookline/sdk';

// region client
const hookline = new Hookline({ apiKey: process.env.HOOKLINE_API_KEY!, baseUrl: process.env.HOOKLINE_URL! });
// endregion

// region lead
const lead = await hookline.createLead({ name: 'Ada Lovelace', email: 'ada@example.com' });
// endregion
console.log(lead.id);
