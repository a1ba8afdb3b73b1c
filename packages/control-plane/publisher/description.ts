import { readDescription } from '../rest/description.ts';

/** The publisher's REST API, v4. */
export const description = readDescription(new URL('publisher.json', import.meta.url));
