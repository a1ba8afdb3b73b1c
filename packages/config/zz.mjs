import { table } from '/work/main/packages/config/table/index.ts';
import { errors } from '/work/main/packages/model/index.ts';
for (const [n,e] of Object.entries(errors)) if (e.setting && !(e.setting in table) && !Object.keys(table).some(k=>k.startsWith(e.setting+'.'))) console.log('unknown setting', n, e.setting);
