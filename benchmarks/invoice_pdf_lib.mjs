// What the former back office drew its invoices with: pdf-lib and a standard font, which is neither
// embedded nor PDF/A, and no XML. Reads the texts of a page as JSON, prints the median in ms.
import { readFileSync } from "node:fs";
import { PDFDocument, StandardFonts, rgb } from "pdf-lib";

const { width, height, texts, rules, rounds } = JSON.parse(readFileSync(0, "utf8"));

async function draw() {
  const document = await PDFDocument.create();
  const fonts = [
    await document.embedFont(StandardFonts.Helvetica),
    await document.embedFont(StandardFonts.HelveticaBold),
  ];
  const page = document.addPage([width, height]);
  for (const [x, y, w, h] of rules) {
    page.drawRectangle({ x, y, width: w, height: h, color: rgb(0.9, 0.91, 0.92) });
  }
  for (const [x, y, size, bold, text] of texts) {
    page.drawText(text, { x, y, size, font: fonts[bold], color: rgb(0.12, 0.16, 0.22) });
  }
  return await document.save();
}

const taken = [];
let bytes = 0;
for (let round = 0; round < 2 * rounds; round++) {
  const start = performance.now();
  bytes = (await draw()).length;
  taken.push(performance.now() - start);
}
const warm = taken.slice(rounds).sort((a, b) => a - b);
console.log(JSON.stringify({ ms: warm[warm.length >> 1], bytes }));
