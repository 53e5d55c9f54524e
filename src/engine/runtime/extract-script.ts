/**
 * Unpacks what the addon needs from TensorFlow's wheel, in Python (which pip and node-gyp need anyway; its zipfile streams,
 * where the zip libraries of npm hold archives of this size in memory).
 *
 * Arguments: wheel, target folder, comma-separated library names, comma-separated headers to start from. Of the wheel's
 * 13,000 headers only those are taken that these include, directly or not. Every file is compared with the SHA-256 that
 * the wheel's own RECORD gives it. Prints one JSON object a line: progress {done, total}, at last {files}.
 */
export const EXTRACT_SCRIPT = String.raw`
import base64, csv, hashlib, io, json, os, re, sys, zipfile

wheel, target, libraries, headers = sys.argv[1:5]
archive = zipfile.ZipFile(wheel)
members = {info.filename: info for info in archive.infolist()}
record = next((name for name in members if name.endswith('.dist-info/RECORD')), None)
if record is None:
    sys.exit('the wheel has no RECORD')
with archive.open(record) as file:
    expected = {row[0]: row[1] for row in csv.reader(io.TextIOWrapper(file, 'utf-8')) if len(row) > 1}

PREFIX, INCLUDE = 'tensorflow/', 'tensorflow/include/'
wanted = [PREFIX + name for name in libraries.split(',')]
missing = [name for name in wanted if name not in members]
if missing:
    sys.exit('the wheel lacks ' + ', '.join(missing))
queue, seen = [INCLUDE + name for name in headers.split(',')], set()
while queue:
    name = queue.pop()
    if name in seen or name not in members:
        continue
    seen.add(name)
    text = archive.read(name).decode('utf-8', 'replace')
    for included in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.M):
        queue.append(INCLUDE + included)
        queue.append(os.path.dirname(name) + '/' + included)
wanted += sorted(seen)

total = sum(members[name].file_size for name in wanted)
done, shown, files = 0, 0, {}
for name in wanted:
    path = os.path.join(target, name[len(PREFIX):])
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
    found = 'sha256=' + base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()
    if expected.get(name) != found:
        sys.exit(name + ' does not have the hash that the wheel says: ' + found + ' instead of ' + str(expected.get(name)))
    files[name[len(PREFIX):]] = {'size': members[name].file_size, 'sha256': digest.hexdigest()}
print(json.dumps({'files': {name: facts for name, facts in files.items() if not name.startswith('include/')}}), flush=True)
`;
