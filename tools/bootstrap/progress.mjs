const start = Date.now();

/** One line of what goes on before Sluice itself runs, with the seconds since the command began. */
export function say(line) {
  process.stderr.write(`[${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}

/** Says what is being done, that it still goes on (`detail` tells how far), and how long it took. */
export async function withProgress(what, work, detail = () => '') {
  say(`${what} …`);
  const began = Date.now();
  const ticker = setInterval(() => {
    const far = detail();
    say(`  … ${Math.round((Date.now() - began) / 1000)} s${far ? `, ${far}` : ''}`);
  }, 3000);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
    say(`  done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}
