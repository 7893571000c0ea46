import { csvOf } from './csv.js';

it.each([
  [['a', 'b c', null, ''], 'a,b c,,\r\n'],
  [['a,b', 'a"b', 'a\nb'], '"a,b","a""b","a\nb"\r\n'],
  [['=1+1', '+1', '-1', '@x', '\tx'], "'=1+1,'+1,'-1,'@x,'\tx\r\n"],
  [['=HYPERLINK("//evil.example")'], '"\'=HYPERLINK(""//evil.example"")"\r\n'],
  [['a=b', 'Müller'], 'a=b,Müller\r\n'],
])('%j is a line that spreadsheets read as texts', (values, line) => {
  expect(csvOf([values])).toBe(line);
});
