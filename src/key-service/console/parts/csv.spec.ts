import { csvOf } from './csv.js';

it.each([
  [['a', 'b c', null, ''], 'a,b c,,\r\n'],
  [['a,b', 'a"b', 'a\nb'], '"a,b","a""b","a\nb"\r\n'],
  [['=1+1', '+1', '-1', '@x', '\tx'], "'=1+1,'+1,'-1,'@x,'\tx\r\n"],
  [['=HYPERLINK("//evil.example")'], '"\'=HYPERLINK(""//evil.example"")"\r\n'],
  // In half of the world a spreadsheet takes these for the ends of cells.
  [['x;=1+1;y', 'a; @b', 'a;b;-c', 'a=1;b=2'], "x;'=1+1;y,a; '@b,a;b;'-c,a=1;b=2\r\n"],
  [['a\t=1', 'a\n+1', ' =1'], 'a\t\'=1,"a\n\'+1", =1\r\n'],
  [['a=b', 'Müller'], 'a=b,Müller\r\n'],
])('%j is a line that spreadsheets read as texts', (values, line) => {
  expect(csvOf([values])).toBe(line);
});
