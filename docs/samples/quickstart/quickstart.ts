import { Hookline } from '@hookline/sdk';

const hookline = new Hookline({ apiKey: process.env.HOOKLINE_API_KEY!, baseUrl: process.env.HOOKLINE_URL! });

const lead = await hookline.createLead({ name: 'Ada Lovelace', email: 'ada@example.com' });
console.log(lead.id);
