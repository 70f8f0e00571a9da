// Put values into a workbook's cells by ExcelJS or SheetJS, and save it.
// Standard input: {"program", "source", "target", "values": [[sheet, address, kind, content]]}.
"use strict";

const fs = require("fs");

const DAY = 86400000;
const EPOCH = Date.UTC(1899, 11, 30);

async function byExcelJS({ source, target, values }) {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(source);
  for (const [sheet, address, kind, content] of values) {
    const cell = found(book.getWorksheet(sheet), sheet).getCell(address);
    if (kind === "clear") cell.value = null;
    else if (kind === "formula") cell.value = { formula: content.slice(1) };
    else if (kind === "date") cell.value = new Date(EPOCH + content * DAY);
    else cell.value = content;
  }
  await book.xlsx.writeFile(target);
}

function bySheetJS({ source, target, values }) {
  const XLSX = require("xlsx");
  // cellStyles: also number formats, blank cells and hidden rows and columns.
  const book = XLSX.readFile(source, { cellStyles: true });
  for (const [name, address, kind, content] of values) {
    const sheet = found(book.Sheets[name], name);
    if (kind === "clear") {
      delete sheet[address];
      continue;
    }
    let cell = content;
    if (kind === "formula") cell = { t: "n", f: content.slice(1) };
    if (kind === "date") cell = { t: "n", v: content, z: "yyyy-mm-dd" };
    // This keeps a format the cell has, and widens the sheet's range.
    XLSX.utils.sheet_add_aoa(sheet, [[cell]], { origin: address });
  }
  XLSX.writeFile(book, target);
}

function found(sheet, name) {
  if (!sheet) throw new Error(`no sheet ${name}`);
  return sheet;
}

async function main() {
  const command = JSON.parse(fs.readFileSync(0, "utf8"));
  await { ExcelJS: byExcelJS, SheetJS: bySheetJS }[command.program](command);
}

main().catch((problem) => {
  console.error(problem.message);
  process.exitCode = 1;
});
