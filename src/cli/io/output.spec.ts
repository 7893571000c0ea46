import { Capture, cliIo } from '../../../test/support/programs/hokusai.js';
import { CliError } from '../cli-error.js';
import { detailLines, Output, tableLines } from './output.js';

const KEY = `hk_live_${'k'.repeat(49)}`;

function output(json = false): { out: Capture; err: Capture; output: Output } {
  const out = new Capture();
  const err = new Capture();
  return { out, err, output: new Output(cliIo({}, out, err), json) };
}

describe('tables', () => {
  const columns = [
    { heading: 'NAME', text: (row: { name: string; count: number }) => row.name },
    { heading: 'COUNT', text: (row: { name: string; count: number }) => String(row.count) },
  ];

  it('are as wide as their content, without blanks at the end', () => {
    const rows = [
      { name: 'a', count: 1 },
      { name: 'longer name', count: 22 },
    ];
    expect(tableLines(columns, rows)).toEqual(['NAME         COUNT', 'a            1', 'longer name  22']);
  });

  it('keep a row on its line, with anything in a name', () => {
    expect(tableLines(columns, [{ name: 'two\nlines\u001b[2J', count: 1 }])).toEqual([
      'NAME           COUNT',
      'two lines\ufffd[2J  1',
    ]);
  });

  it('show only the headings if there are no rows', () => {
    expect(tableLines(columns, [])).toEqual(['NAME  COUNT']);
  });

  it('line up names and values of details', () => {
    expect(
      detailLines([
        ['Id', '1'],
        ['Longer', '2'],
      ]),
    ).toEqual(['  Id:      1', '  Longer:  2']);
  });
});

describe('streams', () => {
  it('get results on standard output and everything said beside them on standard error', () => {
    const { out, err, output: o } = output();
    o.line('result');
    o.note('by the way');
    o.warning('careful');
    expect(out.text).toBe('result\n');
    expect(err.text).toBe('by the way\nWarning: careful\n');
  });

  it('get a key on standard output when it is the result, and never otherwise', () => {
    const { out, err, output: o } = output();
    o.key(KEY);
    o.note(`about ${KEY}`);
    o.error(new CliError(`failed with ${KEY}`));
    expect(out.text).toBe(`${KEY}\n`);
    expect(err.text).not.toContain(KEY);
  });

  it('get no colours unless they are a terminal', () => {
    const { err, output: o } = output();
    o.error(new CliError('bad'));
    expect(err.text).toBe('Error: bad\n');
  });

  it('get colours on a terminal', () => {
    const { err, output: o } = output();
    err.isTTY = true;
    o.error(new CliError('bad'));
    expect(err.text).toMatch(/Error:/);
    expect(err.text).toContain(' bad\n');
  });
});

describe("a server's text", () => {
  // OSC sets a title, CSI as one C1 character moves the cursor, the last one turns the line around.
  const HOSTILE = 'a\u001b]0;title\u0007b\u009b2Jc\u007fd\u202ee\nError: forged';
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

  it.each([false, true])('controls no terminal, in results, notes and errors; with --json: %s', (json) => {
    const { out, err, output: o } = output(json);
    o.data({ name: HOSTILE, [HOSTILE]: 1 });
    o.line(HOSTILE);
    o.key(HOSTILE);
    o.note(HOSTILE);
    o.details([['Name', HOSTILE]]);
    o.table([{ heading: 'NAME', text: String }], [HOSTILE]);
    o.error(new CliError(HOSTILE, { next: HOSTILE, requestId: HOSTILE }));
    expect(out.text + err.text).not.toMatch(CONTROL);
  });

  it('keeps its value in JSON', () => {
    const { out, output: o } = output(true);
    o.data({ name: HOSTILE });
    expect(JSON.parse(out.text)).toEqual({ name: HOSTILE });
  });

  it('makes no line of its own in details, tables and errors', () => {
    const { out, err, output: o } = output();
    o.details([['Name', HOSTILE]]);
    o.table([{ heading: 'NAME', text: String }], [HOSTILE]);
    o.error(new CliError(HOSTILE));
    expect(out.text + err.text).not.toMatch(/^Error: forged/m);
  });
});

describe('errors', () => {
  it('end with the next step', () => {
    const { err, output: o } = output();
    o.error(new CliError('Admin token required', { next: 'Set HOKUSAI_ADMIN_TOKEN.' }));
    o.error(new CliError('Broken.', { next: 'HOKUSAI_X stays as it is.', requestId: 'r-1' }));
    expect(err.text).toBe(
      'Error: Admin token required: set HOKUSAI_ADMIN_TOKEN.\n' +
        'Error: Broken: HOKUSAI_X stays as it is.\nRequest id: r-1\n',
    );
  });

  it('are JSON with --json, on standard error, with the exit code', () => {
    const { out, err, output: o } = output(true);
    o.error(new CliError('No', { exitCode: 4, next: 'Look.', requestId: 'r-2' }));
    expect(out.text).toBe('');
    expect(JSON.parse(err.text)).toEqual({
      error: { message: 'No', next: 'Look.', request_id: 'r-2', exit_code: 4 },
    });
  });
});
