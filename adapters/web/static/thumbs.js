/** Pictures on their way out: small previews, made here, so that the page shows at once what was sent. */

const SIDE = 320;
const QUALITIES = [0.8, 0.6, 0.4, 0.2];

/** A small JPEG of a picture as a data address; null where this browser can't open it. */
export async function thumbnail(file, limit) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return (
    QUALITIES.map((quality) => canvas.toDataURL("image/jpeg", quality)).find((data) => data.length <= limit) ?? null
  );
}

/** The pictures in what was dropped or pasted. */
export function picturesOf(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}
