/** Uppy as its users set it up for presigned PUTs: signed and completed one file at a time, six at once. */
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";

const token = new URLSearchParams(location.search).get("access_token");
const imageIds = new Map();
let completed = 0;

async function call(path, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

const uppy = new Uppy({ autoProceed: true });
uppy.use(AwsS3, {
  shouldUseMultipart: false,
  limit: 6,
  generateObjectKey: (file) => file.id,
  async signRequest({ key }) {
    const { name, size, type } = uppy.getFile(key);
    const policy = await call("/api/files/policy/", { filename: name, size, type });
    imageIds.set(key, policy.file_id);
    return { url: policy.url, headers: policy.headers };
  },
});
uppy.on("upload-success", (file) => {
  const body = { file: imageIds.get(file.id), fileSize: file.size, fileType: file.type };
  call("/api/files/complete/", body).then(() => {
    completed += 1;
    document.title = `${completed} saved`;
  });
});
uppy.on("upload-error", (file, error) => {
  document.title = `failed: ${error.message}`;
});
document.querySelector("input").addEventListener("change", ({ target }) => {
  uppy.addFiles([...target.files].map((file) => ({ name: file.name, type: file.type, data: file })));
});
