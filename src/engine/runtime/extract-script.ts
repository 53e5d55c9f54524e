/**
 * Unpacks part of a wheel, in Python (which pip needs anyway; its zipfile streams, where the zip libraries of npm hold
 * archives of this size in memory).
 *
 * Arguments: wheel, target folder, what to take (an Extraction as JSON). Of TensorFlow's 13,000 headers only those are
 * taken that the named ones include, directly or not. Every file is compared with the SHA-256 that the wheel's own RECORD
 * gives it. Prints one JSON object a line: progress {done, total}, at last {files, requires}. Ends with DAMAGED where the
 * wheel is not as it should be, with another code where the system fails (a full disk).
 */
export const DAMAGED = 3;
export const EXTRACT_SCRIPT = String.raw`
import base64, csv, email.parser, hashlib, io, json, os, re, sys, zipfile, zlib

def damaged(problem):
    print(problem, file=sys.stderr)
    sys.exit(${DAMAGED})

def uncaught(kind, error, trace):
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    if issubclass(kind, (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)):
        os._exit(${DAMAGED})
sys.excepthook = uncaught

wheel, target, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
archive = zipfile.ZipFile(wheel)
members = {info.filename: info for info in archive.infolist()}
record = next((name for name in members if name.endswith('.dist-info/RECORD')), None)
if record is None:
    damaged('the wheel has no RECORD')
with archive.open(record) as file:
    expected = {row[0]: row[1] for row in csv.reader(io.TextIOWrapper(file, 'utf-8')) if len(row) > 1}

def verify(name, digest):
    found = 'sha256=' + base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()
    if expected.get(name) != found:
        damaged(name + ' does not have the hash that the wheel says: ' + found + ' instead of ' + str(expected.get(name)))

metadata, requires = record[:-len('RECORD')] + 'METADATA', []
if metadata in members:
    content = archive.read(metadata)
    verify(metadata, hashlib.sha256(content))
    requires = email.parser.BytesParser().parsebytes(content).get_all('Requires-Dist') or []

include, strip = asked['include'], asked['strip']
wanted = list(asked['members'])
missing = [name for name in wanted if name not in members]
if missing:
    damaged('the wheel lacks ' + ', '.join(missing))
if asked['pattern'] is not None:
    wanted += sorted(name for name in members if re.search(asked['pattern'], name))
queue, headers = [include + name for name in asked['headers']], set()
while queue:
    name = queue.pop()
    if name in headers or name not in members:
        continue
    headers.add(name)
    text = archive.read(name).decode('utf-8', 'replace')
    for included in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.M):
        queue.append(include + included)
        queue.append(os.path.dirname(name) + '/' + included)
wanted += sorted(headers)

total = sum(members[name].file_size for name in wanted)
done, shown, files = 0, 0, {}
for name in wanted:
    kept = name[len(strip):] if name.startswith(strip) else name
    path = os.path.join(target, kept)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(name) as source, open(path, 'wb') as out:
        while True:
            chunk = source.read(1 << 20)
            if not chunk:
                break
            digest.update(chunk)
            out.write(chunk)
            done += len(chunk)
            if done - shown >= 1 << 24:
                shown = done
                print(json.dumps({'done': done, 'total': total}), flush=True)
    verify(name, digest)
    if members[name].external_attr >> 16 & 0o100:
        os.chmod(path, 0o755)
    if name not in headers:
        files[kept] = {'size': members[name].file_size, 'sha256': digest.hexdigest()}
print(json.dumps({'files': files, 'requires': requires}), flush=True)
`;
