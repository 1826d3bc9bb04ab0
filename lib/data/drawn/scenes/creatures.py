"""Animals seen from the front: coats, heads, bodies and backgrounds.

`cats_and_dogs` and `animals` share everything here except the looks of their kinds, so that a
network can transfer what it learns from one set to the other. A head has its centre at (0, 0) and
extends about one unit in each direction.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.data.drawn.scenes.painting import Canvas, Dice, Material, Point, Pose, mix, smooth, turn

FURS = (
    (242, 238, 228),
    (225, 205, 170),
    (205, 160, 105),
    (190, 110, 50),
    (150, 95, 55),
    (105, 68, 42),
    (60, 44, 36),
    (34, 32, 34),
    (75, 76, 80),
    (120, 120, 124),
    (165, 165, 168),
    (205, 205, 205),
    (140, 115, 90),
    (215, 140, 70),
)
PINK = (222, 150, 148)
DARK = (28, 24, 24)


@dataclass
class Look:
    """The looks of one kind of animal; lengths in heads.

    Attributes:
      width, height: radii of the head.
      ears: "pointed", "round", "long", "hanging", "folded", "tufts" or "none".
      ear_size: width of an ear.
      ear_length: its length over its width.
      ear_spread: the distance between the ears, a share of the head's width.
      eyes: "slit", "round", "dark", "disc" or "bulging".
      eye_size, eye_gap, eye_height: radius, distance from the centre, and height above it.
      muzzle: radii of the muzzle; (0, 0) for none.
      muzzle_low: its distance below the centre.
      nose: "small", "big", "snout", "beak" or "nostrils".
      nose_size: its half width.
      mouth: "w", "line", "wide" or "none".
      whiskers: their length; 0 for none.
      tongue: whether it hangs out.
      teeth: whether the front teeth show.
      patches: colour of the ears and around the eyes, or None.
      cheeks: width of pointed cheeks, or 0.
      pale: how much paler the muzzle is than the coat, 0 to 1.
    """

    width: float = 0.9
    height: float = 0.85
    ears: str = "pointed"
    ear_size: float = 0.5
    ear_length: float = 1.3
    ear_spread: float = 0.65
    eyes: str = "round"
    eye_size: float = 0.17
    eye_gap: float = 0.4
    eye_height: float = 0.1
    muzzle: Point = (0.35, 0.26)
    muzzle_low: float = 0.4
    nose: str = "small"
    nose_size: float = 0.1
    mouth: str = "w"
    whiskers: float = 0.0
    tongue: bool = False
    teeth: bool = False
    patches: tuple[float, ...] | None = None
    cheeks: float = 0.0
    pale: float = 0.5


def coat(canvas: Canvas, dice: Dice, furs=FURS) -> tuple[Material, tuple[float, ...]]:
    """A coat of one or two colours, plain or with a pattern; and its first colour."""
    first = dice.near(dice.pick(furs), 25.0)
    second = dice.near(dice.pick(FURS), 25.0)
    pattern = dice.whole(0, 5)
    if pattern <= 1:
        second = mix(first, second, 0.25)
        share = canvas.texture(dice.whole(5, 12), 2)
    elif pattern == 2:
        share = canvas.steps(canvas.texture(dice.whole(3, 7)), dice.uniform(0.4, 0.65), 0.12)
    elif pattern == 3:
        second = mix(first, second, dice.uniform(0.4, 1.0))
        stripes = canvas.stripes(dice.uniform(6.0, 14.0), dice.direction(), 1.2)
        share = canvas.steps(stripes, dice.uniform(0.35, 0.65), 0.4)
    elif pattern == 4:
        share = canvas.steps(canvas.texture(dice.whole(12, 20)), dice.uniform(0.6, 0.75), 0.12)
    else:
        share = canvas.steps(canvas.ramp(dice.direction()), dice.uniform(0.3, 0.7), 0.3)
    return canvas.blend(first, second, share), first


def place(canvas: Canvas, dice: Dice) -> None:
    """A background: indoors, meadow, soft spots or boards, with other objects."""
    kind = dice.whole(0, 3)
    first, second = _paint_tone(dice), _paint_tone(dice)
    if kind == 0:
        canvas.gradient(first, mix(first, second, 0.4), dice.direction())
        floor = dice.uniform(0.35, 0.9)
        planks = canvas.stripes(dice.uniform(2, 9), dice.direction(), dice.uniform(0, 0.6))
        below = canvas.blend(second, mix(second, first, 0.5), planks)
        slope = dice.around(0.0, 0.15)
        canvas.polygon(
            [(-0.1, floor - slope), (1.1, floor + slope), (1.1, 1.1), (-0.1, 1.1)], below
        )
    elif kind == 1:
        sky = (dice.uniform(110, 220), dice.uniform(150, 230), dice.uniform(190, 255))
        canvas.gradient(sky, mix(sky, (235, 240, 245), 0.6))
        grass = (dice.uniform(40, 170), dice.uniform(90, 190), dice.uniform(20, 100))
        ground = canvas.blend(grass, mix(grass, DARK, 0.45), canvas.texture(dice.whole(6, 16), 2))
        horizon = dice.uniform(-0.05, 0.8)
        wave = [(x / 4.0, horizon + dice.around(0.0, 0.08)) for x in range(-1, 6)]
        canvas.polygon([*wave, (1.3, 1.2), (-0.3, 1.2)], ground)
    elif kind == 2:
        spots = canvas.texture(dice.whole(2, 7), 3)
        canvas.fill(canvas.blend(first, second, canvas.steps(spots, 0.5, dice.uniform(0.1, 0.7))))
    else:
        stripes = canvas.stripes(dice.uniform(2, 10), dice.direction(), dice.uniform(0, 1.5))
        canvas.fill(canvas.blend(first, second, canvas.steps(stripes, 0.5, dice.uniform(0.1, 1))))
    for _ in range(dice.whole(0, 3)):
        thing(canvas, dice)


def _paint_tone(dice: Dice) -> tuple[float, ...]:
    """A colour that is seldom garish."""
    grey = dice.uniform(60.0, 220.0)
    return mix(dice.colour(20, 240), (grey, grey, grey), dice.uniform(0.0, 0.8))


def thing(canvas: Canvas, dice: Dice, largest: float = 0.3) -> None:
    """An object: a ball, a box, a leaf or a stick."""
    x, y = dice.uniform(-0.05, 1.05), dice.uniform(-0.05, 1.05)
    size = dice.uniform(0.06, largest)
    colour = dice.pick((dice.colour(), dice.near(dice.pick(FURS), 25.0)))
    with canvas.posed(Pose.of(turn=dice.direction(), shift=(x, y), centre=(0.0, 0.0))):
        kind = dice.whole(0, 3)
        if kind == 0:
            canvas.ellipse((0, 0), (size, size * dice.uniform(0.4, 1)), colour, shade=0.3)
        elif kind == 1:
            corners = [(-size, -size), (size, -size), (size, size), (-size, size)]
            count = dice.whole(3, 4)
            placed = [(a * dice.uniform(0.3, 1), b * dice.uniform(0.3, 1)) for a, b in corners]
            canvas.polygon(placed[:count], colour, shade=0.2)
        elif kind == 2:
            leaf = [(-size, 0), (0, -0.3 * size), (size, 0), (0, 0.3 * size)]
            canvas.polygon(smooth(leaf), colour, shade=0.2)
        else:
            bend = dice.around(0.0, size)
            stick = smooth([(-size, 0), (0, bend), (size, 0)], 3, closed=False)
            canvas.stroke(stick, size * dice.uniform(0.05, 0.3), colour)


def creature(canvas: Canvas, dice: Dice, look: Look, fur: Material, colour) -> None:
    """Paints an animal on its background: pose, body, head."""
    big = dice.uniform(0.26, 0.45)
    whole = Pose.of(
        turn=dice.turn(0.28),
        scale=big,
        stretch=dice.around(1.0, 0.15),
        shear=dice.around(0.0, 0.15),
        flip=dice.odds(0.5),
        shift=(0.5 + dice.around(0.0, 0.56 - big), 0.5 + dice.around(0.0, 0.56 - big)),
        centre=(0.0, 0.0),
    )
    canvas.light_from = dice.direction()
    canvas.pose = whole
    if dice.odds(0.75):
        body(canvas, dice, fur, colour)
    with canvas.posed(Pose.of(turn=dice.turn(0.2), centre=(0.0, 0.0))):
        head(canvas, dice, look, fur, colour)
    canvas.pose = Pose()


def body(canvas: Canvas, dice: Dice, fur: Material, colour) -> None:
    """A body behind and below the head: sitting, or lying to one side."""
    dim = fur * dice.uniform(0.75, 0.97)
    belly = mix(colour, (250, 245, 235), dice.uniform(0.0, 0.8))
    if dice.odds(0.55):
        wide, deep = dice.uniform(0.6, 1.0), dice.uniform(0.9, 1.4)
        side = dice.around(0.0, 0.3)
        tail = smooth(
            [
                (side + wide, 1.6),
                (side + wide + 0.5, 1.4),
                (side + wide + dice.uniform(0.3, 0.8), dice.uniform(0.2, 1.0)),
            ],
            4,
            closed=False,
        )
        canvas.stroke(tail, dice.uniform(0.15, 0.3), dim, shade=0.2)
        canvas.ellipse((side, 0.5 + 0.7 * deep), (wide, deep), dim, shade=0.3)
        canvas.ellipse((side, 0.7 + 0.7 * deep), (wide * 0.5, deep * 0.7), belly, opacity=0.7)
        for at in (-0.35, 0.35):
            foot = (side + at * wide * 1.2, 0.5 + 1.6 * deep)
            canvas.stroke([(side + at * wide, 0.9), foot], [0.38, 0.3], fur, shade=0.2)
            canvas.ellipse(foot, (0.24, 0.15), fur, shade=0.3)
    else:
        long, thick = dice.uniform(1.2, 1.8), dice.uniform(0.55, 0.8)
        low = dice.uniform(0.5, 0.9)
        tail = smooth(
            [
                (long * 1.6, low),
                (long * 1.9, low - 0.3),
                (long * 1.8, low - dice.uniform(0.3, 1.2)),
            ],
            4,
            closed=False,
        )
        canvas.stroke(tail, dice.uniform(0.14, 0.3), dim, shade=0.2)
        for at in (0.1, 0.4, 1.3, 1.6):
            foot = (at * long + dice.around(0.0, 0.2), low + dice.uniform(0.8, 1.3))
            canvas.stroke([(at * long, low + 0.2), foot], [0.4, 0.25], dim, shade=0.2)
        canvas.ellipse((long * 0.85, low), (long, thick), fur, shade=0.3)


def head(canvas: Canvas, dice: Dice, look: Look, fur: Material, colour) -> None:
    """A head: ears, face, eyes, muzzle; a little turned to one side."""
    yaw = dice.around(0.0, 0.3)
    nod = dice.around(0.0, 0.12)
    wide, high = look.width, look.height
    dim = fur * dice.uniform(0.65, 0.95)
    if look.patches is not None:
        black = canvas.blend(look.patches, mix(look.patches, colour, 0.3), canvas.texture(6))
        ears(canvas, dice, look, black, dim, yaw)
    elif look.ears != "hanging":
        ears(canvas, dice, look, fur, dim, yaw)
    face = canvas.ellipse((0.0, 0.0), (wide, high), fur, shade=0.25)
    if look.cheeks:
        white = mix(colour, (250, 248, 240), 0.8)
        for side in (-1, 1):
            tip = (side * look.cheeks, 0.25 * high)
            fluff = [
                (0, -0.1),
                (side * 0.5 * wide, 0.0),
                tip,
                (side * 0.45 * wide, 0.75 * high),
                (0, 0.98 * high),
            ]
            canvas.polygon(fluff, white, shade=0.15)
    if look.ears == "hanging":
        ears(canvas, dice, look, dim, fur * 0.7, yaw)
    pale = mix(colour, (248, 242, 230), look.pale * dice.uniform(0.3, 1.0))
    middle = (yaw, look.muzzle_low * high + nod)
    if look.muzzle[0]:
        if dice.odds(0.35):
            top = (yaw * 0.6, -0.8 * high)
            canvas.stroke([top, middle], [0.12, 0.45], pale, opacity=0.9, inside=face)
        canvas.ellipse(middle, look.muzzle, pale, shade=0.15)
    eyes(canvas, dice, look, yaw, nod)
    mouth(canvas, dice, look, middle, colour)
    nose(canvas, dice, look, middle)
    if look.whiskers:
        tone = dice.pick(((250, 250, 250), (230, 225, 215), (30, 28, 28)))
        for side in (-1, 1):
            for fan in (-0.14, 0.0, 0.14):
                start = (middle[0] + side * 0.2, middle[1] + fan * 0.5)
                reach = look.whiskers * dice.uniform(0.8, 1.1)
                end = (start[0] + side * reach, start[1] + fan * 3.0 - 0.05)
                canvas.stroke([start, end], [0.045, 0.02], tone, opacity=0.9)


_EARS = {
    "pointed": (
        smooth([(-0.5, -0.2), (-0.4, 0.35), (0, 1), (0, 1), (0.45, 0.3), (0.5, -0.25)], 3),
        [(-0.26, -0.1), (0.0, 0.76), (0.26, -0.1)],
    ),
    "folded": (
        smooth([(-0.4, -0.2), (-0.1, 0.5), (0.4, 0.45), (0.5, -0.3)], 3),
        smooth([(-0.15, 0.5), (0.45, 0.45), (0.5, -0.15), (0.5, -0.15)], 3),
    ),
    "hanging": (
        smooth([(-0.3, 0.08), (0.3, -0.08), (0.4, -0.7), (0, -1), (-0.45, -0.75)], 3),
        None,
    ),
    "tufts": ([(-0.35, -0.15), (0.0, 1.0), (0.4, -0.5)], None),
}
"""Outlines of an ear and of its inner part: x outwards in widths, y upwards in lengths."""


def ears(canvas: Canvas, dice: Dice, look: Look, fur: Material, inner: Material, yaw: float):
    """Paints both ears; the one on the far side is narrower."""
    if look.ears == "none":
        return
    pink = dice.near(PINK, 30.0) if dice.odds(0.6) and look.ears != "folded" else inner
    for side in (-1, 1):
        size = look.ear_size * (1.0 + 0.5 * side * yaw) * dice.uniform(0.92, 1.08)
        length = size * look.ear_length
        lean = dice.uniform(0.1, 0.35)
        x, y = look.ear_spread * look.width, -0.62 * look.height
        if look.ears == "hanging":
            x, lean = 0.8 * look.width, -2.0 * lean
        elif look.ears == "long" and dice.odds(0.15):
            lean, length = dice.uniform(1.0, 2.5), 0.7 * length
        ear = Pose(side * size, side * size * lean, side * x + 0.3 * yaw, 0.0, -length, y)
        with canvas.posed(ear):
            if look.ears == "round":
                canvas.ellipse((0.0, 0.35), (0.5, 0.5), fur, shade=0.2)
                canvas.ellipse((0.0, 0.35), (0.3, 0.3), pink, opacity=0.85)
            elif look.ears == "long":
                canvas.ellipse((0.0, 0.45), (0.42, 0.5), fur, shade=0.2)
                canvas.ellipse((0.0, 0.45), (0.22, 0.38), pink, opacity=0.85)
            else:
                outline, fold = _EARS[look.ears]
                canvas.polygon(outline, fur, shade=0.2)
                if fold is not None:
                    canvas.polygon(fold, pink, opacity=0.9)


IRISES = ((120, 170, 70), (200, 170, 50), (90, 150, 200), (190, 110, 40), (110, 75, 45))


def eyes(canvas: Canvas, dice: Dice, look: Look, yaw: float, nod: float) -> None:
    """Both eyes, looking the same way."""
    iris = dice.near(dice.pick(IRISES), 25.0)
    size = look.eye_size * dice.uniform(0.88, 1.12)
    slant = dice.uniform(-0.05, 0.22)
    glance = dice.around(0.0, 0.25) * size
    closed = look.eyes in ("slit", "round", "dark") and dice.odds(0.07)
    opening = dice.uniform(0.6, 1.0)
    for side in (-1, 1):
        at = (side * look.eye_gap + yaw * 0.7, -look.eye_height + nod)
        tilt = turn(-side * slant)
        if look.patches is not None:
            spot = (at[0] + side * 0.05, at[1] + 0.06)
            canvas.ellipse(spot, (size * 1.7, size * 2.2), look.patches, turn=turn(side * 0.3))
        if closed:
            arc = [(at[0] - size, at[1]), (at[0], at[1] + 0.4 * size), (at[0] + size, at[1])]
            canvas.stroke(smooth(arc, 3, closed=False), 0.07, DARK)
            continue
        if look.eyes == "slit":
            canvas.ellipse(at, (size * 1.15, size * 0.95 * opening + 0.02), DARK, turn=tilt)
            canvas.ellipse(at, (size, size * 0.8 * opening), iris, turn=tilt)
            narrow = dice.uniform(0.2, 0.3) if dice.odds(0.75) else 0.55
            canvas.ellipse((at[0] + glance, at[1]), (size * narrow, size * 0.75 * opening), DARK)
        elif look.eyes == "round":
            canvas.ellipse(at, (size * 1.1, size * opening), (245, 243, 238), turn=tilt)
            canvas.ellipse((at[0] + glance, at[1]), (size * 0.85, size * 0.85 * opening), iris)
            canvas.ellipse((at[0] + glance, at[1]), (size * 0.5, size * 0.5), DARK)
        elif look.eyes == "dark":
            canvas.ellipse(at, (size, size * opening), DARK, turn=tilt)
        elif look.eyes == "disc":
            rim = mix(iris, (240, 230, 210), 0.7)
            canvas.ellipse(at, (size * 1.8, size * 1.9), rim, shade=0.15)
            canvas.ellipse(at, (size * 1.05, size * 1.05), iris)
            canvas.ellipse((at[0] + glance, at[1]), (size * 0.6, size * 0.6), DARK)
        else:
            canvas.ellipse(at, (size * 0.95, size * 0.95), (240, 235, 200))
            canvas.ellipse((at[0] + glance, at[1]), (size * 0.55, size * 0.4), DARK)
        shine = (at[0] - 0.3 * size, at[1] - 0.3 * size)
        canvas.ellipse(shine, (size * 0.22, size * 0.22), (255, 255, 255))


def nose(canvas: Canvas, dice: Dice, look: Look, middle: Point) -> None:
    """The nose, in the middle of the muzzle."""
    x, y = middle
    size = look.nose_size * dice.uniform(0.88, 1.12)
    y -= 0.45 * look.muzzle[1]
    if look.nose == "small":
        tone = dice.near(dice.pick((PINK, PINK, DARK, (120, 70, 60))), 20.0)
        canvas.polygon(
            [(x - size, y - 0.5 * size), (x + size, y - 0.5 * size), (x, y + 0.7 * size)], tone
        )
    elif look.nose == "big":
        tone = dice.near(dice.pick((DARK, DARK, (90, 55, 45), (150, 95, 90))), 12.0)
        canvas.ellipse((x, y), (size, size * 0.72), tone, shade=0.2)
        canvas.ellipse(
            (x - 0.3 * size, y - 0.3 * size),
            (0.25 * size, 0.15 * size),
            (220, 220, 220),
            opacity=0.7,
        )
    elif look.nose == "snout":
        for side in (-1, 1):
            hole = (x + side * 0.42 * size, middle[1])
            canvas.ellipse(hole, (0.16 * size, 0.26 * size), (70, 35, 35))
    elif look.nose == "beak":
        tone = dice.near(dice.pick(((230, 170, 50), (90, 80, 70), (200, 130, 60))), 25.0)
        beak = [(x - size, y - 0.6 * size), (x + size, y - 0.6 * size), (x, y + 1.8 * size)]
        canvas.polygon(beak, tone, shade=0.3)
    else:
        for side in (-1, 1):
            canvas.ellipse((x + side * size, y), (0.05, 0.035), DARK)


def mouth(canvas: Canvas, dice: Dice, look: Look, middle: Point, colour) -> None:
    """The line of the mouth; tongue and teeth, if visible."""
    x, y = middle
    line = mix(colour, DARK, 0.85)
    wide, high = look.muzzle
    if look.mouth == "w":
        low = y + 0.45 * high
        if look.tongue:
            size = 0.36 * wide
            canvas.ellipse((x, low + size), (size * 0.9, size * 1.5), (215, 95, 105), shade=0.2)
        canvas.stroke([(x, y - 0.1 * high), (x, low)], 0.04, line)
        if look.teeth:
            canvas.polygon(
                [(x - 0.1, low), (x + 0.1, low), (x + 0.09, low + 0.2), (x - 0.09, low + 0.2)],
                (252, 252, 246),
            )
        for side in (-1, 1):
            arc = [
                (x, low),
                (x + side * 0.3 * wide, low + 0.22 * high),
                (x + side * 0.62 * wide, low),
            ]
            canvas.stroke(smooth(arc, 2, closed=False), 0.05, line)
    elif look.mouth == "line":
        low = y + 0.55 * high
        canvas.stroke([(x - 0.5 * wide, low), (x + 0.5 * wide, low)], 0.05, line)
    elif look.mouth == "wide":
        span, drop = 0.72 * look.width, dice.uniform(0.05, 0.25)
        arc = [(x - span, y), (x, y + drop), (x + span, y)]
        canvas.stroke(smooth(arc, 4, closed=False), 0.06, line)


def finish(canvas: Canvas, dice: Dice) -> None:
    """An object in front, light, blur and noise."""
    if dice.odds(0.25):
        thing(canvas, dice, 0.2)
    canvas.light(dice)
    if dice.odds(0.3):
        canvas.soften(dice.uniform(0.2, 1.0))
    canvas.noise(dice.uniform(2.0, 16.0))
