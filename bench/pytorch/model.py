"""The bench's networks in PyTorch: the same architecture, parameter names and shortcuts as src/models and src/methods/mae.

Patches are cut once and embedded by one matrix product; in MAE only kept patches are embedded and only masked ones are
predicted. PyTorch's own fused functions are used wherever it has one (scaled_dot_product_attention, layer_norm, gelu).
"""
import torch
import torch.nn.functional as F
from torch import nn

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
EPSILON = 1e-6


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, ratio):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Mlp(width, int(width * ratio))

    def forward(self, x, factors=None):
        """factors: [2, B], what stochastic depth multiplies the two branches with."""
        attended = self.attn(self.norm1(x))
        x = x + (attended if factors is None else attended * factors[0][:, None, None])
        out = self.mlp(self.norm2(x))
        return x + (out if factors is None else out * factors[1][:, None, None])


class PatchEmbed(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)

    def forward(self, patches):
        """patches: [..., patch * patch * 3], rows, columns, channel fastest."""
        return F.linear(patches, self.proj.weight.permute(0, 2, 3, 1).flatten(1), self.proj.bias)


class Encoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        width = model["width"]
        self.patch = model["patchSize"]
        self.side = model["imageSize"] // self.patch
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, self.side**2 + 1, width))
        self.patch_embed = PatchEmbed(self.patch, width)
        self.blocks = nn.ModuleList(Block(width, model["heads"], model["mlpRatio"]) for _ in range(model["depth"]))
        self.register_buffer("shift", torch.tensor(MEAN).repeat(self.patch**2) * 255, persistent=False)
        self.register_buffer("scale", 1 / (255 * torch.tensor(STD).repeat(self.patch**2)), persistent=False)

    def patchify(self, images):
        """uint8 [B, S, S, 3] to normalised patches [B, L, patch * patch * 3]."""
        batch = images.shape[0]
        rows = images.float().reshape(batch, self.side, self.patch, self.side, self.patch * 3)
        return (rows.transpose(2, 3).reshape(batch, self.side**2, -1) - self.shift) * self.scale

    def encode(self, tokens, drop_path=None):
        """tokens: [B, K, D] with positions; gives [B, K + 1, D], class token first, no final norm."""
        cls = (self.cls_token + self.pos_embed[:, :1]).expand(tokens.shape[0], -1, -1)
        x = torch.cat([cls, tokens], 1)
        for i, block in enumerate(self.blocks):
            x = block(x, None if drop_path is None else drop_path[2 * i:2 * i + 2])
        return x

    def tokens(self, images, drop_path=None):
        return self.encode(self.patch_embed(self.patchify(images)) + self.pos_embed[:, 1:], drop_path)


def pick(x, indices):
    """Rows of x [B, N, D] at indices [B, K]."""
    return torch.gather(x, 1, indices[:, :, None].expand(-1, -1, x.shape[2]))


class Mae(Encoder):
    def __init__(self, model, decoder):
        super().__init__(model)
        width = decoder["width"]
        self.norm = nn.LayerNorm(model["width"], eps=EPSILON)
        self.mask_token = nn.Parameter(torch.empty(1, 1, width))
        self.decoder_pos_embed = nn.Parameter(torch.empty(1, self.side**2 + 1, width))
        self.decoder_embed = nn.Linear(model["width"], width)
        self.decoder_blocks = nn.ModuleList(Block(width, decoder["heads"], model["mlpRatio"]) for _ in range(decoder["depth"]))
        self.decoder_norm = nn.LayerNorm(width, eps=EPSILON)
        self.decoder_pred = nn.Linear(width, self.patch**2 * 3)

    def forward(self, images, keep, masked, restore):
        patches = self.patchify(images)
        positions = self.pos_embed[0, 1:]
        latent = self.norm(self.encode(self.patch_embed(pick(patches, keep)) + positions[keep]))
        y = self.decoder_embed(latent)
        table = torch.cat([y[:, 1:], self.mask_token.to(y.dtype).expand(y.shape[0], 1, -1)], 1)
        y = torch.cat([y[:, :1], pick(table, restore)], 1) + self.decoder_pos_embed
        for block in self.decoder_blocks:
            y = block(y)
        predicted = self.decoder_pred(self.decoder_norm(pick(y, masked + 1)))
        target = pick(patches, masked)
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
        return F.mse_loss(predicted.float(), target)


class Classifier(Encoder):
    def __init__(self, model, classes):
        super().__init__(model)
        self.fc_norm = nn.LayerNorm(model["width"], eps=EPSILON)
        self.head = nn.Linear(model["width"], classes)

    def forward(self, images, targets, drop_path):
        tokens = self.tokens(images, drop_path)
        return F.cross_entropy(self.head(self.fc_norm(tokens[:, 1:].mean(1))).float(), targets)


class Features(Encoder):
    def __init__(self, model):
        super().__init__(model)
        self.norm = nn.LayerNorm(model["width"], eps=EPSILON)

    def forward(self, images):
        tokens = self.norm(self.tokens(images))
        return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1).float()


def build(case):
    if case["step"] == "mae":
        return Mae(case["model"], case["decoder"])
    if case["step"] == "fine-tune":
        return Classifier(case["model"], case["classes"])
    return Features(case["model"])
